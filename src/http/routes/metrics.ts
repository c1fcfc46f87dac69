// GET /metrics: Prometheus text with the names celery-exporter uses, so that existing boards work. From counters only: a
// scrape costs the same at a thousand tasks and at a million.
import { z } from '@hono/zod-openapi';
import {
  addUp,
  type Counts,
  type Engine,
  emptyHistogram,
  lastSweep,
  listCircuits,
  overviewQueues,
  QUEUES,
  RUNTIME_BOUNDS_MS,
  readFailures,
  readTotals,
  WAIT_BOUNDS_MS,
} from '../../engine/index.ts';
import { authorizeMetrics } from '../middleware/authorize.ts';
import { documentRoute, resource, route } from '../route.ts';

const get = route({
  method: 'get',
  path: '/metrics',
  access: 'tasks:read',
  summary: 'Prometheus metrics; also with METRICS_TOKEN as the bearer',
  responses: {
    200: { description: 'Prometheus text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
  },
});

const MAX_EXCEPTIONS = 500;
/** There are no hosts here; boards expect the label. */
const HOSTNAME = 'errand';

export const metrics = resource();
documentRoute(metrics, get);
metrics.get('/metrics', authorizeMetrics, async (c) =>
  c.text(await exposition(c.var.services.engine), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
);

type Labels = Record<string, string>;
type Sample = [suffix: string, labels: Labels, value: number];

async function exposition(engine: Engine): Promise<string> {
  const [rows, failures, queues, sweptAt, circuits, backlogs] = await Promise.all([
    readTotals(engine),
    readFailures(engine, 0, MAX_EXCEPTIONS),
    overviewQueues(engine),
    lastSweep(engine, 'sweep'),
    listCircuits(engine),
    Promise.all(QUEUES.map((queue) => engine.queues[queue].metrics().catch(() => undefined))),
  ]);
  const totals = merged(rows);
  const now = engine.clock.now();
  const counter = (pick: (counts: Counts) => number): Sample[] =>
    totals.map((counts) => ['', labelsOf(counts), pick(counts)]);
  return [
    family(
      'celery_task_sent_total',
      'counter',
      'Tasks that were enqueued, counted when their first attempt ends',
      counter((t) => t.firstAttempts),
    ),
    family(
      'celery_task_received_total',
      'counter',
      'Tasks that were picked up, counted when their first attempt ends',
      counter((t) => t.firstAttempts),
    ),
    family(
      'celery_task_started_total',
      'counter',
      'Attempts',
      counter((t) => t.attempts),
    ),
    family(
      'celery_task_succeeded_total',
      'counter',
      'Tasks that ended as SUCCESS',
      counter((t) => t.succeeded),
    ),
    family(
      'celery_task_failed_total',
      'counter',
      'Tasks that ended as FAILURE, by the class of the error',
      failures.map(
        ({ name, queue, exception, failures: count }): Sample => [
          '',
          { ...labelsOf({ name, queue }), exception },
          count,
        ],
      ),
    ),
    family(
      'celery_task_retried_total',
      'counter',
      'Attempts after which another one follows',
      counter((t) => t.retried),
    ),
    family(
      'celery_task_revoked_total',
      'counter',
      'Tasks that ended as REVOKED',
      counter((t) => t.revoked),
    ),
    family(
      'errand_task_crashed_total',
      'counter',
      'Attempts whose invocation died',
      counter((t) => t.crashed),
    ),
    family(
      'celery_task_runtime',
      'histogram',
      'Seconds an attempt took',
      totals.flatMap((t) => histogram(labelsOf(t), t.runtimes, RUNTIME_BOUNDS_MS, t.runtimeMs / 1000)),
    ),
    family(
      'celery_task_queue_wait_time',
      'histogram',
      'Seconds from due to started',
      totals.flatMap((t) => histogram(labelsOf(t), t.waits, WAIT_BOUNDS_MS)),
    ),
    family(
      'celery_queue_length',
      'gauge',
      'Messages in the queue',
      QUEUES.flatMap((queue, index): Sample[] => {
        const length = backlogs[index]?.backlogCount;
        return length === undefined ? [] : [['', { queue_name: queue }, length]];
      }),
    ),
    family(
      'errand_queue_waiting',
      'gauge',
      'Tasks that wait, counted up to 1,000',
      queues.map(({ name, waiting }): Sample => ['', { queue_name: name }, waiting]),
    ),
    family(
      'errand_queue_oldest_seconds',
      'gauge',
      'Age of the oldest task that never started',
      queues.map(
        ({ name, oldestAt }): Sample => [
          '',
          { queue_name: name },
          oldestAt === undefined ? 0 : (now - oldestAt) / 1000,
        ],
      ),
    ),
    family(
      'errand_queue_paused',
      'gauge',
      '1 while the queue is paused',
      queues.map(({ name, paused }): Sample => ['', { queue_name: name }, paused ? 1 : 0]),
    ),
    family('celery_worker_tasks_active', 'gauge', 'Tasks that run', [
      ['', { hostname: HOSTNAME }, queues.reduce((sum, { running }) => sum + running, 0)],
    ]),
    family(
      'errand_circuit_open',
      'gauge',
      '1 while a dependency is not called',
      circuits.map(({ name, probeAt }): Sample => ['', { dependency: name }, probeAt === null ? 0 : 1]),
    ),
    family(
      'errand_sweep_age_seconds',
      'gauge',
      'Since the last sweep',
      sweptAt === undefined ? [] : [['', {}, (now - sweptAt) / 1000]],
    ),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Rolled-up totals and the latest minutes, one row a definition and queue. */
function merged(rows: readonly Counts[]): Counts[] {
  const sums = new Map<string, Counts>();
  for (const row of rows) {
    const key = `${row.name} ${row.queue}`;
    const sum = sums.get(key);
    sums.set(key, sum ? plus(sum, row) : row);
  }
  return [...sums.values()];
}

function plus(a: Counts, b: Counts): Counts {
  const entries = Object.entries(a).map(([field, value]) => {
    const other = b[field as keyof Counts];
    if (Array.isArray(value)) return [field, addUp(value, other as number[])];
    return [field, typeof value === 'number' ? value + (other as number) : value];
  });
  return Object.fromEntries(entries) as Counts;
}

function labelsOf({ name, queue }: { name: string; queue: string }): Labels {
  return { hostname: HOSTNAME, name, queue_name: queue };
}

function histogram(
  labels: Labels,
  counts: readonly number[],
  boundsMs: readonly number[],
  sumSeconds?: number,
): Sample[] {
  const filled = addUp(emptyHistogram(boundsMs), [...counts]);
  let total = 0;
  const buckets = filled.map((count, index): Sample => {
    total += count;
    const bound = boundsMs[index];
    return ['_bucket', { ...labels, le: bound === undefined ? '+Inf' : String(bound / 1000) }, total];
  });
  const sum = sumSeconds ?? estimateSum(filled, boundsMs);
  return [...buckets, ['_sum', labels, sum], ['_count', labels, total]];
}

/** Waits are kept as counts only: each stands for the middle of its bucket. */
function estimateSum(counts: readonly number[], boundsMs: readonly number[]): number {
  return counts.reduce((sum, count, index) => {
    const [from, to] = [boundsMs[index - 1] ?? 0, boundsMs[index] ?? boundsMs.at(-1) ?? 0];
    return sum + (count * (from + to)) / 2000;
  }, 0);
}

function family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([suffix, labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
