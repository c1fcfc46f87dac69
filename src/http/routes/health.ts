// /healthz: does D1 answer, and does the sweep run? Without the sweep nothing that got stuck is mended.
import { z } from '@hono/zod-openapi';
import { lastSweep } from '../../engine/manage.ts';
import type { HttpContext } from '../env.ts';
import { resource, route } from '../route.ts';

/** The sweep runs every minute; Cron Triggers may skip a few. */
const MAX_SWEEP_AGE_MS = 5 * 60_000;

const Health = z
  .object({
    status: z.enum(['ok', 'failing']),
    database: z.enum(['ok', 'unavailable']),
    swept_at: z.iso.datetime().nullable(),
    detail: z.string().optional(),
  })
  .openapi('Health');

const health = route({
  method: 'get',
  path: '/healthz',
  access: 'open',
  summary: 'Is the Worker able to do its work?',
  responses: {
    200: { description: 'Yes', content: { 'application/json': { schema: Health } } },
    503: { description: 'No, and why', content: { 'application/json': { schema: Health } } },
  },
});

export const healthRoutes = resource().openapi(health, async (c) => {
  const state = await check(c);
  return state.status === 'ok' ? c.json(state, 200) : c.json(state, 503, { 'retry-after': '10' });
});

async function check(c: HttpContext): Promise<z.infer<typeof Health>> {
  const { engine } = c.var.services;
  try {
    const sweptAt = await lastSweep(engine, 'sweep');
    const swept_at = sweptAt === undefined ? null : new Date(sweptAt).toISOString();
    const detail =
      sweptAt === undefined
        ? 'the sweep has never run: is the cron trigger deployed?'
        : engine.clock.now() - sweptAt > MAX_SWEEP_AGE_MS
          ? 'the sweep has not run for more than five minutes'
          : undefined;
    return detail
      ? { status: 'failing', database: 'ok', swept_at, detail }
      : { status: 'ok', database: 'ok', swept_at };
  } catch {
    return { status: 'failing', database: 'unavailable', swept_at: null, detail: 'the database did not answer' };
  }
}
