// GET /stats: throughput, runtimes, waits and failures, over time, by definition and by queue. They are read from counters, so
// the cost does not depend on the number of tasks.
import { z } from '@hono/zod-openapi';
import {
  type Counts,
  costPer1000,
  type Histogram,
  overviewQueues,
  percentile,
  RUNTIME_BOUNDS_MS,
  readFailures,
  readSeries,
  sumCounts,
  WAIT_BOUNDS_MS,
} from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import { givenInstant, iso, isoInstant } from '../iso.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const MAX_SECONDS = 7 * DAY_SECONDS;
const DEFAULT_SECONDS = 3600;
/** The most points of a series whose steps are shorter than an hour. */
const MAX_POINTS = 169;
const MAX_FAILURES = 20;

const ms = z.number().nullable();
const counts = { succeeded: z.int(), failed: z.int(), revoked: z.int(), retried: z.int() };
const runtimes = { runtime_p50_ms: ms, runtime_p95_ms: ms, runtime_p99_ms: ms };

const StatsJson = z
  .object({
    since: isoInstant,
    until: isoInstant,
    step_seconds: z.int(),
    series: z.array(z.object({ at: isoInstant, ...counts, ...runtimes })),
    definitions: z.array(
      z.object({
        name: z.string(),
        queue: z.string(),
        ...counts,
        crashed: z.int(),
        failure_rate: z.number().nullable().describe('Failed tasks divided by succeeded and failed tasks, 0 to 1'),
        ...runtimes,
        wait_p50_ms: ms,
        wait_p95_ms: ms,
        cost_per_1000_usd: z.number().nullable().describe('Estimated cost of 1,000 such tasks with their retries'),
      }),
    ),
    queues: z.array(z.object({ name: z.string(), ...counts, wait_p50_ms: ms, wait_p95_ms: ms })),
    running: z.int(),
    recent_failures: z.array(
      z.object({
        name: z.string(),
        code: z.string(),
        exception: z.string(),
        message: z.string().describe('The message of the latest failure'),
        count: z.int().describe('All such failures so far'),
        last_at: isoInstant,
        task_id: z.uuid().describe('The task that failed last'),
      }),
    ),
  })
  .openapi('Stats');

const get = route({
  method: 'get',
  path: '/stats',
  access: 'tasks:read',
  summary: 'Throughput, runtimes, waits, failures and costs',
  request: {
    query: strictObject({
      since: givenInstant
        .optional()
        .describe(
          'At most a week ago; default: an hour ago. Steps are at least an hour after six hours, and four hours after two days',
        ),
    }),
  },
  responses: { 200: jsonReply('The statistics', StatsJson) },
});

export const stats = resource().openapi(get, async (c) => {
  const { engine } = c.var.services;
  const now = engine.clock.now();
  const asked = c.req.valid('query').since;
  const oldest = now - MAX_SECONDS * 1000;
  const since = Math.max(oldest, Math.min(now, asked === undefined ? now - DEFAULT_SECONDS * 1000 : Date.parse(asked)));
  const stepSeconds = stepFor((now - since) / 1000);
  const from = since - (since % (stepSeconds * 1000));
  const [rows, queues, failures] = await Promise.all([
    readSeries(engine, { since: from, stepSeconds }),
    overviewQueues(engine),
    readFailures(engine, since, MAX_FAILURES),
  ]);
  const sums = sumCounts(rows, ({ at }) => `${at}`);
  const steps = Array.from(
    { length: Math.floor((now - from) / 1000 / stepSeconds) + 1 },
    (_, n) => from + n * stepSeconds * 1000,
  );
  return c.json(
    {
      since: iso(since),
      until: iso(now),
      step_seconds: stepSeconds,
      series: steps.map((at) => ({ at: iso(at), ...pointOf(sums.get(`${at}`)) })),
      definitions: [...sumCounts(rows).values()].map((sum) => ({
        name: sum.name,
        queue: sum.queue,
        ...countsOf(sum),
        crashed: sum.crashed,
        failure_rate: sum.succeeded + sum.failed > 0 ? sum.failed / (sum.succeeded + sum.failed) : null,
        ...runtimesOf(sum),
        ...waitsOf(sum),
        cost_per_1000_usd: costPer1000(sum),
      })),
      queues: [...sumCounts(rows, ({ queue }) => queue).values()].map((sum) => ({
        name: sum.queue,
        ...countsOf(sum),
        ...waitsOf(sum),
      })),
      running: queues.reduce((total, { running }) => total + running, 0),
      recent_failures: failures.map(({ name, code, exception, message, failures: count, lastAt, lastTaskId }) => ({
        name,
        code,
        exception,
        message,
        count,
        last_at: iso(lastAt),
        task_id: lastTaskId,
      })),
    },
    200,
  );
});

/** The step for a span: whole minutes up to six hours, an hour up to two days, four hours above. D1 keeps sums for these. */
function stepFor(seconds: number): number {
  if (seconds > 2 * DAY_SECONDS) return 4 * HOUR_SECONDS;
  if (seconds > 6 * HOUR_SECONDS) return HOUR_SECONDS;
  return Math.max(1, Math.ceil(seconds / MAX_POINTS / MINUTE_SECONDS)) * MINUTE_SECONDS;
}

/** A step in which no task ended is a point too: without it a chart would draw a line across the gap. */
function pointOf(sum: Counts | undefined) {
  if (sum) return { ...countsOf(sum), ...runtimesOf(sum) };
  const nothing = { succeeded: 0, failed: 0, revoked: 0, retried: 0 };
  return { ...nothing, runtime_p50_ms: null, runtime_p95_ms: null, runtime_p99_ms: null };
}

function countsOf({ succeeded, failed, revoked, retried }: Counts) {
  return { succeeded, failed, revoked, retried };
}

function runtimesOf({ runtimes: histogram }: Counts) {
  const at = (percent: number) => rounded(histogram, RUNTIME_BOUNDS_MS, percent);
  return { runtime_p50_ms: at(50), runtime_p95_ms: at(95), runtime_p99_ms: at(99) };
}

function waitsOf({ waits: histogram }: Counts) {
  const at = (percent: number) => rounded(histogram, WAIT_BOUNDS_MS, percent);
  return { wait_p50_ms: at(50), wait_p95_ms: at(95) };
}

function rounded(histogram: Histogram, bounds: readonly number[], percent: number): number | null {
  const value = percentile(histogram, bounds, percent);
  return value === null ? null : Math.round(value * 10) / 10;
}
