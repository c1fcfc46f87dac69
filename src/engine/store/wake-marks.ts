// Tasks that are due when they are enqueued have no wake-up: `wake_at` is 0, which saves an index entry. Each queue has a mark,
// an id up to which all waiting tasks have a wake-up. A task is inserted without one only above the mark, and the mark moves in
// the transaction that gives wake-ups to the tasks below it, so it passes none.
import type { Engine } from '../engine.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { Batch, read } from './batch.ts';

/** No row: no task of the queue was ever given a wake-up. */
const markOf = (queue: string) => `coalesce((SELECT up_to FROM wake_marks WHERE queue = ${queue}), '')`;

/**
 * For INSERT: the wake-up of a task. `queue` is NULL where it is `usualQueue`, a parameter: the mark of that one is read once, and
 * not for each row.
 */
export const firstWake = (row: Record<'id' | 'queue' | 'usualQueue' | 'dueAt' | 'wakeAt' | 'now', string>): string =>
  `CASE WHEN ${row.dueAt} <= ${row.now} AND ${row.id} >
     CASE WHEN coalesce(${row.queue}, ${row.usualQueue}) = ${row.usualQueue} THEN ${markOf(row.usualQueue)} ELSE ${markOf(row.queue)} END
   THEN 0 ELSE ${row.wakeAt} END`;

export interface Unmarked {
  queue: QueueName;
  /** PENDING tasks above the mark, with a wake-up or without: at most `limit`. */
  count: number;
  /** The last of them. */
  lastId: string;
}

/** One row is read if no task is PENDING. */
const MARKS = `
  SELECT CASE WHEN EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_status WHERE state = 'PENDING' AND state <> 'STARTED') THEN
    json_array((SELECT json_group_object(queue, up_to) FROM wake_marks), (SELECT json_group_array(queue) FROM paused_queues)) END AS json`;

const isUnmarked = (from: string) =>
  `state = 'PENDING' AND state <> 'STARTED' AND queue = ?1 AND id > ${from} AND id <= ?2`;

const FIND = `
  SELECT count(*) AS count, max(id) AS lastId
  FROM (SELECT id FROM tasks INDEXED BY tasks_status WHERE ${isUnmarked('?3')} ORDER BY id LIMIT ?4)`;

/** The queues that have PENDING tasks between their mark and the id `upTo`. A paused queue is left out, and its mark stays. */
export async function findUnmarked(engine: Engine, upTo: string, limit: number): Promise<Unmarked[]> {
  const [row] = await read<{ json: string | null }>(engine, MARKS);
  if (!row?.json) return [];
  const [marks, paused] = JSON.parse(row.json) as [Partial<Record<QueueName, string>>, QueueName[]];
  const batch = new Batch(engine);
  const looks = QUEUE_NAMES.filter((queue) => !paused.includes(queue)).map((queue) => ({
    queue,
    found: batch.add<Omit<Unmarked, 'queue'>>(FIND, queue, upTo, marks[queue] ?? '', limit),
  }));
  if (batch.isEmpty) return [];
  await batch.commit({ repeatable: true });
  return looks
    .flatMap(({ queue, found: { rows } }) => rows.map((found) => ({ queue, ...found })))
    .filter(({ count }) => count > 0);
}

const SET_WAKES = `
  UPDATE tasks SET wake_at = CASE WHEN ?4 <= due_at THEN ?5 ELSE due_at + ?3 END
  WHERE id IN (SELECT id FROM tasks INDEXED BY tasks_status WHERE ${isUnmarked(markOf('?1'))})
    AND state = 'PENDING' AND wake_at = 0`;

const MOVE_MARK = `
  INSERT INTO wake_marks (queue, up_to) VALUES (?1, ?2)
  ON CONFLICT (queue) DO UPDATE SET up_to = excluded.up_to WHERE up_to < excluded.up_to`;

export interface Wakes {
  queue: QueueName;
  upTo: string;
  /** When the oldest message of the queue was sent; undefined: there is none, or it is not known. */
  oldest: number | undefined;
}

/**
 * Gives a wake-up to each PENDING task up to the id `upTo` that has none, and moves the mark there. It is `graceMs` after the due
 * time; if the message of the task may still be in its queue, it is `later`, epoch milliseconds.
 */
export async function setWakes(
  engine: Engine,
  wakes: readonly Wakes[],
  { graceMs, later }: { graceMs: number; later: number },
): Promise<void> {
  const batch = new Batch(engine);
  for (const { queue, upTo, oldest } of wakes) {
    batch.add(SET_WAKES, queue, upTo, graceMs, oldest ?? null, later);
    batch.add(MOVE_MARK, queue, upTo);
  }
  await batch.commit({ repeatable: true });
}
