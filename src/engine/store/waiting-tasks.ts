// What the sweep reads and writes about tasks that wait: those whose `wake_at` has passed, and when to look at them again.
import type { Engine } from '../engine.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import { commit, read } from './commit.ts';
import { jsonSets } from './json-sets.ts';

export interface OverdueTask {
  id: string;
  name: string;
  queue: QueueName;
  dueAt: number;
  wakeAt: number;
  crashes: number;
}

const COLUMNS = 'id, name, queue, due_at AS dueAt, wake_at AS wakeAt, crashes';

/**
 * A range of the index for each lane, merged as they are read. The range of a paused one is empty, for its end is NULL: a
 * condition of its own would be asked for each row.
 */
const OVERDUE = `${QUEUES.map(
  (queue) => `
  SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_wake
  WHERE state IN ('PENDING', 'RETRY') AND queue = '${queue}' AND wake_at <=
    (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM paused_queues WHERE queue = '${queue}'))`,
).join(' UNION ALL ')}
  ORDER BY wakeAt LIMIT ?2`;

/** The longest overdue first. Nobody is woken in a paused lane. */
export async function findOverdue(engine: Engine, limit: number): Promise<OverdueTask[]> {
  return read<OverdueTask>(engine, engine.db.prepare(OVERDUE).bind(engine.clock.now(), limit));
}

const POSTPONE = `
  UPDATE tasks SET wake_at = s.value ->> 1, due_at = max(due_at, coalesce(s.value ->> 2, 0)) FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND state IN ('PENDING', 'RETRY')`;

/** Writes when the sweep shall look at each again. */
export async function postpone(engine: Engine, wakes: readonly { id: string; wakeAt: number }[]): Promise<void> {
  const rows = JSON.stringify(wakes.map(({ id, wakeAt }) => [id, wakeAt]));
  await commit(engine, [engine.db.prepare(POSTPONE).bind(rows)], { repeatable: true });
}

/** Writes when each may start, at the earliest: a rate-limited task's slot. */
export async function delayTasks(
  engine: Engine,
  delays: readonly { id: string; dueAt: number; wakeAt: number }[],
): Promise<void> {
  const rows = delays.map(({ id, dueAt, wakeAt }) => JSON.stringify([id, wakeAt, dueAt]));
  const statements = jsonSets(rows).map(({ json }) => engine.db.prepare(POSTPONE).bind(json));
  await commit(engine, statements, { repeatable: true });
}

const READY = `
  SELECT tasks.id FROM json_each(?1) AS wanted JOIN tasks ON tasks.id = wanted.value
  WHERE +state IN ('PENDING', 'RETRY') AND due_at <= ?2`;

/** Which of the tasks still wait and are due by `dueBy`, epoch milliseconds. */
export async function findReady(engine: Engine, ids: readonly string[], dueBy: number): Promise<Set<string>> {
  const statement = engine.db.prepare(READY).bind(JSON.stringify(ids), dueBy);
  return new Set((await read<{ id: string }>(engine, statement)).map(({ id }) => id));
}

const LANE = `
  SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_status
  WHERE state = ?1 AND state <> 'STARTED' AND queue = ?2 AND id > ?3 AND due_at <= ?4 ORDER BY id LIMIT ?5`;

/** What waits in a lane and is due, in the order of ids behind `after`. */
export async function findWaiting(
  engine: Engine,
  { state, queue, after, limit }: { state: 'PENDING' | 'RETRY'; queue: QueueName; after: string; limit: number },
): Promise<OverdueTask[]> {
  return read<OverdueTask>(engine, engine.db.prepare(LANE).bind(state, queue, after, engine.clock.now(), limit));
}
