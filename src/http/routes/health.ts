// GET /healthz: does D1 answer, and does the maintenance run? Without the maintenance run, stuck tasks stay stuck.
import { z } from '@hono/zod-openapi';
import { lastSweep, readCleanUps } from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { isoInstant, isoOrNull } from '../iso.ts';
import { resource, route } from '../route.ts';

/** The maintenance run starts every minute, but Cron Triggers may skip a few minutes. */
const MAX_SWEEP_AGE_MS = 5 * 60_000;

/** The clean-up runs every hour, and some of its chores every six hours. */
const MAX_CLEAN_UP_AGE_MS = 86_400_000;

const Health = z
  .object({
    status: z.enum(['ok', 'failing']),
    database: z.enum(['ok', 'unavailable']),
    swept_at: isoInstant.nullable().describe('When the last maintenance run ended'),
    cleaned_as_of: isoInstant
      .nullable()
      .describe('Everything that was due for deletion by then is deleted; before a clean-up has ended, when it began'),
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
    const [sweptAt, cleanUps] = await Promise.all([lastSweep(engine, 'sweep'), readCleanUps(engine)]);
    const now = engine.clock.now();
    const [oldest] = cleanUps
      .flatMap(({ chore, cleanAsOf }) => (cleanAsOf === null ? [] : { chore, cleanAsOf }))
      .sort(byAge);
    const known = {
      database: 'ok',
      swept_at: isoOrNull(sweptAt),
      cleaned_as_of: isoOrNull(oldest?.cleanAsOf),
    } as const;
    const fault = faultOfSweep(sweptAt, now);
    if (fault) return { status: 'failing', ...known, detail: fault };
    const isLate = oldest !== undefined && now - oldest.cleanAsOf > MAX_CLEAN_UP_AGE_MS;
    return { status: 'ok', ...known, ...(isLate && { detail: lateCleanUp(oldest.chore) }) };
  } catch {
    return {
      status: 'failing',
      database: 'unavailable',
      swept_at: null,
      cleaned_as_of: null,
      detail: 'The database did not answer.',
    };
  }
}

const byAge = (one: { cleanAsOf: number }, other: { cleanAsOf: number }) => one.cleanAsOf - other.cleanAsOf;

/** undefined when the maintenance run is on time. */
function faultOfSweep(sweptAt: number | undefined, now: number): string | undefined {
  if (sweptAt === undefined) return 'The maintenance run has never started. Check that the cron trigger is deployed.';
  if (now - sweptAt > MAX_SWEEP_AGE_MS)
    return 'The maintenance run has not ended for more than five minutes. Look for its errors in the log.';
  return undefined;
}

/** A late clean-up makes no request fail, so the status stays `ok`. */
const lateCleanUp = (chore: string) =>
  `The clean-up of ${chore} is more than a day late. Look at the latest tasks maintenance.clean_up and at the schedule clean-up.`;
