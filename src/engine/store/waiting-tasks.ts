// What the sweep reads and writes about waiting tasks: those whose `wake_at` has passed, and when to look at them again. Tasks
// whose `wake_at` is 0 come first to wake-marks.ts.
import type { Engine } from '../engine.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { Batch, read, write } from './batch.ts';
import { jsonSets } from './json-sets.ts';
import { nest } from './nest.ts';

export interface OverdueTask {
  id: string;
  name: string;
  queue: QueueName;
  dueAt: number;
  wakeAt: number;
  crashes: number;
  /** When the sweep last sent a message for it, in whatever wait; null: never. */
  rungAt: number | null;
}

const COLUMNS = 'id, name, queue, due_at AS dueAt, wake_at AS wakeAt, crashes, rung_at AS rungAt';

/**
 * A range of the index for each queue, merged as they are read. The range of a paused queue is empty, because its end is NULL:
 * a separate condition would be checked for each row.
 */
export const overdueSql = (queues: readonly string[]): string => {
  const arms = queues.map(
    (queue) => `
  SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_wake
  WHERE state IN ('PENDING', 'RETRY') AND queue = '${queue}' AND wake_at > 0 AND wake_at <=
    (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM paused_queues WHERE queue = '${queue}'))`,
  );
  return `${nest(arms, 'id, name, queue, dueAt, wakeAt, crashes, rungAt')} ORDER BY wakeAt LIMIT ?2`;
};
const OVERDUE = overdueSql(QUEUE_NAMES);

/** The longest overdue first, none of a paused queue. */
export async function findOverdue(engine: Engine, now: number, limit: number): Promise<OverdueTask[]> {
  return read<OverdueTask>(engine, OVERDUE, now, limit);
}

const POSTPONE = `
  UPDATE tasks SET wake_at = s.value ->> 1, rung_at = s.value ->> 2 FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND state IN ('PENDING', 'RETRY')`;

/** Writes when the sweep looks at each again, and when it sent a message. */
export async function postpone(
  engine: Engine,
  wakes: readonly Pick<OverdueTask, 'id' | 'wakeAt' | 'rungAt'>[],
): Promise<void> {
  const rows = JSON.stringify(wakes.map(({ id, wakeAt, rungAt }) => [id, wakeAt, rungAt]));
  await write(engine, { repeatable: true }, POSTPONE, rows);
}

const DELAY = `
  UPDATE tasks SET wake_at = s.value ->> 1, due_at = max(due_at, s.value ->> 2), paced_from = coalesce(paced_from, due_at) FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND state IN ('PENDING', 'RETRY')`;

/** Writes when each may start at the earliest: a rate-limited task's slot. */
export async function delayTasks(
  engine: Engine,
  delays: readonly { id: string; dueAt: number; wakeAt: number }[],
): Promise<void> {
  const rows = delays.map(({ id, dueAt, wakeAt }) => JSON.stringify([id, wakeAt, dueAt]));
  const batch = new Batch(engine);
  for (const { json } of jsonSets(rows)) batch.add(DELAY, json);
  await batch.commit({ repeatable: true });
}

const READY = `
  SELECT tasks.id FROM json_each(?1) AS wanted JOIN tasks ON tasks.id = wanted.value
  WHERE +state IN ('PENDING', 'RETRY') AND due_at <= ?2`;

/** The ids of the tasks that still wait and are due by `dueBy`, epoch milliseconds. */
export async function findReady(engine: Engine, ids: readonly string[], dueBy: number): Promise<Set<string>> {
  const rows = await read<{ id: string }>(engine, READY, JSON.stringify(ids), dueBy);
  return new Set(rows.map(({ id }) => id));
}

const WAITING = `
  SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_status
  WHERE state = ?1 AND state <> 'STARTED' AND queue = ?2 AND id > ?3 AND due_at <= ?4 ORDER BY id LIMIT ?5`;

/** The tasks that wait in a queue and are due, in the order of their ids, after the id `after`. */
export async function findWaiting(
  engine: Engine,
  { state, queue, after, limit }: { state: 'PENDING' | 'RETRY'; queue: QueueName; after: string; limit: number },
): Promise<OverdueTask[]> {
  return read<OverdueTask>(engine, WAITING, state, queue, after, engine.clock.now(), limit);
}
