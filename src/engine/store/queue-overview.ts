// The tasks of each queue in numbers. The cost does not grow with the number of tasks.
import type { Engine } from '../engine.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { read } from './batch.ts';

export interface QueueOverview {
  name: QueueName;
  /** When it was paused, epoch milliseconds; undefined: it is not paused. */
  pausedAt: number | undefined;
  /** The name of the API key that paused it; undefined: not paused, or paused without an API key. */
  pausedBy: string | undefined;
  /** Tasks that wait, due or not. At most COUNTED. */
  waiting: number;
  running: number;
  /** When the first-enqueued of the tasks that are due and never started was due, epoch milliseconds. */
  oldestAt: number | undefined;
  /** Tasks that ended, a minute, over the last five minutes. */
  throughput: number;
}

/** The most waiting tasks that are counted, and that are searched for one that is due. */
export const COUNTED = 1000;
const THROUGHPUT_MINUTES = 5;

const OVERVIEW = `
  SELECT wanted.value AS name,
    paused_at AS pausedAt, paused_by AS pausedBy,
    (SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_status
      WHERE state = 'PENDING' AND state <> 'STARTED' AND queue = wanted.value LIMIT ${COUNTED}))
    + (SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_status
      WHERE state = 'RETRY' AND state <> 'STARTED' AND queue = wanted.value LIMIT ${COUNTED})) AS waiting,
    (SELECT count(*) FROM tasks WHERE +state = 'STARTED' AND id IN (
      SELECT task.value FROM leases, json_each(leases.task_ids) AS task WHERE leases.queue = wanted.value)) AS running,
    (SELECT due_at FROM (SELECT due_at FROM tasks INDEXED BY tasks_status
      WHERE state = 'PENDING' AND state <> 'STARTED' AND queue = wanted.value ORDER BY id LIMIT ${COUNTED})
      WHERE due_at <= ?3 LIMIT 1) AS oldestAt,
    (SELECT coalesce(sum(succeeded + failed + revoked), 0) FROM task_stats
      WHERE minute >= ?2 AND queue = wanted.value) / ${THROUGHPUT_MINUTES}.0 AS throughput
  FROM json_each(?1) AS wanted LEFT JOIN paused_queues ON paused_queues.queue = wanted.value`;

/** All queues, in their order. */
export async function overviewQueues(engine: Engine): Promise<QueueOverview[]> {
  const now = engine.clock.now();
  type Nullable = 'pausedAt' | 'pausedBy' | 'oldestAt';
  type Row = Omit<QueueOverview, Nullable> & {
    pausedAt: number | null;
    pausedBy: string | null;
    oldestAt: number | null;
  };
  const since = now - THROUGHPUT_MINUTES * 60_000;
  const rows = await read<Row>(engine, OVERVIEW, JSON.stringify(QUEUE_NAMES), since, now);
  return rows.map((row) => ({
    ...row,
    pausedAt: row.pausedAt ?? undefined,
    pausedBy: row.pausedBy ?? undefined,
    waiting: Math.min(COUNTED, row.waiting),
    oldestAt: row.oldestAt ?? undefined,
  }));
}
