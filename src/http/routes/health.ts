// GET /healthz: does D1 answer, and does the maintenance run? Without the maintenance run, stuck tasks stay stuck.
import { z } from '@hono/zod-openapi';
import { lastSweep } from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { isoInstant, isoOrNull } from '../iso.ts';
import { resource, route } from '../route.ts';

/** The maintenance run starts every minute, but Cron Triggers may skip a few minutes. */
const MAX_SWEEP_AGE_MS = 5 * 60_000;

const Health = z
  .object({
    status: z.enum(['ok', 'failing']),
    database: z.enum(['ok', 'unavailable']),
    swept_at: isoInstant.nullable().describe('When the last maintenance run ended'),
    detail: z.string().optional(),
  })
  .openapi('Health');

const get = route({
  method: 'get',
  path: '/healthz',
  access: 'open',
  summary: 'Whether the Worker can do its work',
  responses: {
    200: jsonReply('It can', Health),
    503: jsonReply('It cannot, and `detail` says why', Health),
  },
});

export const health = resource().openapi(get, async (c) => {
  const state = await check(c);
  return state.status === 'ok' ? c.json(state, 200) : c.json(state, 503, { 'retry-after': '10' });
});

async function check(c: HttpContext): Promise<z.infer<typeof Health>> {
  const { engine } = c.var.services;
  try {
    const sweptAt = await lastSweep(engine, 'sweep');
    const swept_at = isoOrNull(sweptAt);
    const detail =
      sweptAt === undefined
        ? 'The maintenance run has never started. Check that the cron trigger is deployed.'
        : engine.clock.now() - sweptAt > MAX_SWEEP_AGE_MS
          ? 'The maintenance run has not ended for more than five minutes. Look for its errors in the log.'
          : undefined;
    return detail
      ? { status: 'failing', database: 'ok', swept_at, detail }
      : { status: 'ok', database: 'ok', swept_at };
  } catch {
    return { status: 'failing', database: 'unavailable', swept_at: null, detail: 'The database did not answer.' };
  }
}
