// GET /metrics: Prometheus text with the names that celery-exporter uses, so that existing boards work. All values are read
// from counters: a scrape costs the same with a thousand tasks and with a million. Two names of celery-exporter are missing:
// celery_task_rejected_total, because no message is ever rejected, and celery_active_*, because there are no workers.
import { z } from '@hono/zod-openapi';
import {
  type CleanUpRecord,
  type Counts,
  type Engine,
  type FailureStat,
  listCircuits,
  overviewQueues,
  QUEUE_NAMES,
  type QueueOverview,
  RUNTIME_BOUNDS_MS,
  readCleanUps,
  readFailures,
  readSweeps,
  readTotals,
  type SweepRecord,
  scheduleLateness,
  sumCounts,
  WAIT_BOUNDS_MS,
} from '../../engine/manage.ts';
import { family, histogramSamples, type Labels, type Sample } from '../exposition.ts';
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

/** The most series by class of error: the latest ones. */
const MAX_EXCEPTIONS = 500;
/** Every task may time out, so this series is there from the start: a success rate needs a number of failures, if only 0. */
const FIRST_EXCEPTION = 'TimeoutError';
/** celery-exporter's word for a failure whose class it does not know. An empty label would be no label in Prometheus. */
const UNKNOWN_EXCEPTION = 'UnknownException';
/** Boards expect this label, but there are no hosts. */
const HOSTNAME = 'errand';
/** The same as in GET /healthz. */
const MAX_SWEEP_AGE_MS = 5 * 60_000;

export const metrics = resource();
documentRoute(metrics, get);
metrics.get('/metrics', authorizeMetrics, async (c) =>
  c.text(await exposition(c.var.services.engine), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
);

async function exposition(engine: Engine): Promise<string> {
  const [rows, failures, queues, sweeps, cleanUps, circuits, lateMs, backlogs] = await Promise.all([
    readTotals(engine),
    readFailures(engine, 0, MAX_EXCEPTIONS),
    overviewQueues(engine),
    readSweeps(engine),
    readCleanUps(engine),
    listCircuits(engine),
    scheduleLateness(engine),
    Promise.all(QUEUE_NAMES.map((queue) => engine.doorbell.backlogOf(engine, queue))),
  ]);
  const totals = [...sumCounts(rows).values()];
  const now = engine.clock.now();
  const swept = sweeps.find(({ chore }) => chore === 'sweep');
  const lengths = QUEUE_NAMES.flatMap((queue, index): Sample[] => {
    const length = backlogs[index]?.messages;
    return length === undefined ? [] : [['', { queue_name: queue }, length]];
  });
  const up = swept !== undefined && ageOf(swept, now) <= MAX_SWEEP_AGE_MS;
  const active = queues.reduce((sum, { running }) => sum + running, 0);
  const d1 = (kind: 'rowsRead' | 'rowsWritten') => [...totals, ...sweeps].reduce((sum, row) => sum + row[kind], 0);
  return [
    ...taskFamilies(totals, failures),
    family('celery_queue_length', 'gauge', 'Messages in the queue, each with up to 250 tasks', lengths),
    ...queueFamilies(queues, now),
    family('celery_worker_up', 'gauge', '1 while the maintenance run is on time', [
      ['', { hostname: HOSTNAME }, up ? 1 : 0],
    ]),
    family('celery_worker_tasks_active', 'gauge', 'Running tasks', [['', { hostname: HOSTNAME }, active]]),
    family(
      'errand_circuit_open',
      'gauge',
      '1 while a dependency is not called',
      circuits.map(({ name, probeAt }): Sample => ['', { dependency: name }, probeAt === null ? 0 : 1]),
    ),
    family('errand_schedule_late_seconds', 'gauge', 'How long the longest overdue schedule is overdue', [
      ['', {}, lateMs / 1000],
    ]),
    ...maintenanceFamilies(sweeps, cleanUps, now),
    family('errand_d1_rows_read_total', 'counter', 'Rows that D1 read for the engine; a lower bound', [
      ['', {}, d1('rowsRead')],
    ]),
    family('errand_d1_rows_written_total', 'counter', 'Rows that D1 wrote for the engine; a lower bound', [
      ['', {}, d1('rowsWritten')],
    ]),
  ].join('');
}

const ageOf = ({ ranAt }: SweepRecord, now: number) => Math.max(0, now - ranAt);

function maintenanceFamilies(
  sweeps: readonly SweepRecord[],
  cleanUps: readonly CleanUpRecord[],
  now: number,
): string[] {
  const redelivered = sweeps.find(({ chore }) => chore === 'redeliver')?.tasks ?? 0;
  const swept = sweeps.find(({ chore }) => chore === 'sweep');
  return [
    family(
      'errand_tasks_redelivered_total',
      'counter',
      'Queue messages sent again for tasks that did not start in time',
      [['', {}, redelivered]],
    ),
    family(
      'errand_clean_up_age_seconds',
      'gauge',
      'All that was due for deletion this many seconds ago is deleted; above a day, the clean-up is late',
      cleanUps.flatMap(({ chore, cleanAsOf }): Sample[] =>
        cleanAsOf === null ? [] : [['', { chore }, Math.max(0, now - cleanAsOf) / 1000]],
      ),
    ),
    family(
      'errand_sweep_age_seconds',
      'gauge',
      'Seconds since the last maintenance run; absent before the first one',
      swept ? [['', {}, ageOf(swept, now) / 1000]] : [],
    ),
  ];
}

function taskFamilies(totals: readonly Counts[], failures: readonly FailureStat[]): string[] {
  const counter = (name: string, help: string, pick: (counts: Counts) => number) =>
    family(
      name,
      'counter',
      help,
      totals.map((counts): Sample => ['', labelsOf(counts), pick(counts)]),
    );
  return [
    counter('celery_task_sent_total', 'Enqueued; counted when the first attempt ends', (t) => t.firstAttempts),
    counter('celery_task_received_total', 'Picked up; counted when the first attempt ends', (t) => t.firstAttempts),
    counter('celery_task_started_total', 'Attempts; counted when they end', (t) => t.attempts),
    counter('celery_task_succeeded_total', 'Tasks that ended as SUCCESS', (t) => t.succeeded),
    family('celery_task_failed_total', 'counter', 'Tasks that ended as FAILURE, by the class of the error', [
      ...failures.map(({ failures: count, exception, ...of }) => failed(of, exception || UNKNOWN_EXCEPTION, count)),
      // When classes are left out, a 0 here could be less than what was read before.
      ...(failures.length < MAX_EXCEPTIONS ? totals.map((counts) => failed(counts, FIRST_EXCEPTION, 0)) : []),
    ]),
    counter('celery_task_retried_total', 'Attempts that are followed by another one', (t) => t.retried),
    counter('celery_task_revoked_total', 'Tasks that ended as REVOKED', (t) => t.revoked),
    counter('errand_task_crashed_total', 'Attempts that ended because their invocation died', (t) => t.crashed),
    counter('errand_batches_total', 'Calls of batch handlers, counted when they end; a lower bound', (t) => t.batches),
    counter('errand_batched_attempts_total', 'Attempts that ran in those calls', (t) => t.batched),
    family(
      'celery_task_runtime',
      'histogram',
      'Seconds an attempt took',
      totals.flatMap((t) => histogramSamples(labelsOf(t), t.runtimes, RUNTIME_BOUNDS_MS, t.runtimeMs / 1000)),
    ),
    family(
      'celery_task_queue_wait_time',
      'histogram',
      'Seconds from due to started; the sum is an estimate',
      totals.flatMap((t) => histogramSamples(labelsOf(t), t.waits, WAIT_BOUNDS_MS)),
    ),
  ];
}

function failed(of: { name: string; queue: string }, exception: string, count: number): Sample {
  return ['', { ...labelsOf(of), exception }, count];
}

function queueFamilies(queues: readonly QueueOverview[], now: number): string[] {
  const gauge = (name: string, help: string, pick: (queue: QueueOverview) => number) =>
    family(
      name,
      'gauge',
      help,
      queues.map((queue): Sample => ['', { queue_name: queue.name }, pick(queue)]),
    );
  return [
    gauge('errand_queue_waiting', 'Waiting tasks, due or not, counted up to 1,000', ({ waiting }) => waiting),
    gauge('errand_queue_running', 'Running tasks', ({ running }) => running),
    gauge(
      'errand_queue_oldest_seconds',
      'Seconds that the oldest task that is due has waited for its first attempt',
      ({ oldestAt }) => (oldestAt === undefined ? 0 : Math.max(0, (now - oldestAt) / 1000)),
    ),
    gauge('errand_queue_paused', '1 while the queue is paused', ({ pausedAt }) => (pausedAt === undefined ? 0 : 1)),
  ];
}

function labelsOf({ name, queue }: { name: string; queue: string }): Labels {
  return { name, hostname: HOSTNAME, queue_name: queue };
}
