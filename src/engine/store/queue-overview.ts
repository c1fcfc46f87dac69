// What each lane holds: read so that the cost does not grow with the number of tasks.
import type { Engine } from '../engine.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import { commit } from './commit.ts';

export interface QueueOverview {
  name: QueueName;
  paused: boolean;
  /** Tasks that wait, due or not; counted up to COUNTED. */
  waiting: number;
  running: number;
  /** Since when the first-enqueued of those that are due and never started is due, epoch milliseconds. */
  oldestAt: number | undefined;
  /** Tasks that ended in the last five minutes, a minute. */
  throughput: number;
}

/** More than so many waiting tasks are not counted, nor looked at for one that is due. */
export const COUNTED = 1000;
const THROUGHPUT_MINUTES = 5;

const OVERVIEW = `
  SELECT lane.value AS name,
    EXISTS (SELECT 1 FROM paused_queues WHERE queue = lane.value) AS paused,
    (SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_status
      WHERE state = 'PENDING' AND state <> 'STARTED' AND queue = lane.value LIMIT ${COUNTED}))
    + (SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_status
      WHERE state = 'RETRY' AND state <> 'STARTED' AND queue = lane.value LIMIT ${COUNTED})) AS waiting,
    (SELECT count(*) FROM tasks WHERE +state = 'STARTED' AND id IN (
      SELECT task.value FROM leases, json_each(leases.task_ids) AS task WHERE leases.queue = lane.value)) AS running,
    (SELECT due_at FROM (SELECT due_at FROM tasks INDEXED BY tasks_status
      WHERE state = 'PENDING' AND state <> 'STARTED' AND queue = lane.value ORDER BY id LIMIT ${COUNTED})
      WHERE due_at <= ?3 LIMIT 1) AS oldestAt,
    (SELECT coalesce(sum(succeeded + failed + revoked), 0) FROM task_stats
      WHERE minute >= ?2 AND queue = lane.value) / ${THROUGHPUT_MINUTES}.0 AS throughput
  FROM json_each(?1) AS lane`;

/** All lanes, in their order. */
export async function overviewQueues(engine: Engine): Promise<QueueOverview[]> {
  const now = engine.clock.now();
  const query = engine.db.prepare(OVERVIEW).bind(JSON.stringify(QUEUES), now - THROUGHPUT_MINUTES * 60_000, now);
  const [found] = await commit(engine, [query], { repeatable: true });
  type Row = Omit<QueueOverview, 'paused' | 'oldestAt'> & { paused: number; oldestAt: number | null };
  return ((found?.results ?? []) as unknown as Row[]).map((row) => ({
    ...row,
    paused: row.paused === 1,
    waiting: Math.min(COUNTED, row.waiting),
    oldestAt: row.oldestAt ?? undefined,
  }));
}
