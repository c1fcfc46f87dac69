// Matches events with the steps that wait for them. D1 runs one transaction after the other, so either the event is stored first,
// and the step finds it when its wait is recorded, or the wait is, and the event finds it.
import type { StepName } from '../steps/step.ts';
import type { Batch, Result } from './batch.ts';

/** An event is taken by one step of a task at most. `waiting`: the row of that step. */
const isNotTaken = (event: string, waiting: string) => `
  NOT EXISTS (SELECT 1 FROM task_steps AS taker WHERE taker.event_id = ${event}.id AND taker.task_id = ${waiting}.task_id)`;

/** Without `since`, the events that were stored after the task. No clock decides that: isolates have different ones. */
const counts = (waiting: string) => `
  events.number > CASE WHEN ${waiting}.since IS NULL
    THEN (SELECT events_before FROM tasks WHERE tasks.id = ${waiting}.task_id) ELSE 0 END
  AND events.at >= coalesce(${waiting}.since, 0)`;

const FIRST_EVENT = `
  SELECT events.id FROM events
  WHERE events.type = task_steps.wait_type AND events.key = task_steps.wait_key AND ${counts('task_steps')}
    AND ${isNotTaken('events', 'task_steps')}
  ORDER BY events.number LIMIT 1`;

const FIND = `
  UPDATE task_steps SET outcome = 'done', ended_at = ?2, event_id = (${FIRST_EVENT})
  FROM json_each(?1) AS wanted
  WHERE task_steps.task_id = wanted.value ->> 0 AND task_steps.name = wanted.value ->> 1
    AND task_steps.occurrence = wanted.value ->> 2 AND task_steps.outcome = 'open' AND EXISTS (${FIRST_EVENT})
  RETURNING task_steps.task_id AS taskId, task_steps.name AS name, task_steps.occurrence AS occurrence, event_id AS eventId`;

export interface Waiter extends StepName {
  taskId: string;
  waitsFor: { type: string; key: string } | undefined;
}

/** A step whose wait has ended. */
export interface EndedWait extends StepName {
  taskId: string;
}

export interface Found extends EndedWait {
  eventId: string;
}

/** Adds statements that end those waits for which an event is stored already. */
export function findFirstEvents(batch: Batch, waiters: readonly Waiter[], now: number): () => Found[] {
  const results: Result<Found>[] = rankedApart(waiters).map((rank) =>
    batch.add(FIND, JSON.stringify(rank.map(({ taskId, name, occurrence }) => [taskId, name, occurrence])), now),
  );
  return () => results.flatMap(({ rows }) => rows);
}

/** Two steps of a task that wait for the same are in different lists: the second must see what the first took. */
function rankedApart(waiters: readonly Waiter[]): Waiter[][] {
  const ranks: Waiter[][] = [];
  const seen = new Map<string, number>();
  for (const waiter of waiters) {
    const wait = JSON.stringify([waiter.taskId, waiter.waitsFor?.type, waiter.waitsFor?.key]);
    const rank = seen.get(wait) ?? 0;
    seen.set(wait, rank + 1);
    ranks[rank] = [...(ranks[rank] ?? []), waiter];
  }
  return ranks;
}

/** In each task the step that waits longest takes the event. A task that has ended, or is being undone, takes none. */
const MATCH = `
  UPDATE task_steps SET outcome = 'done', ended_at = ?2, event_id = ?1
  FROM (
    SELECT waiting.task_id, waiting.name, waiting.occurrence, min(waiting.position)
    FROM events
    JOIN task_steps AS waiting INDEXED BY task_steps_waits
      ON waiting.wait_type = events.type AND waiting.wait_key = events.key AND waiting.outcome = 'open' AND waiting.wait_type IS NOT NULL
    JOIN tasks ON tasks.id = waiting.task_id
    WHERE events.id = ?1 AND ${counts('waiting')} AND waiting.until > events.at AND tasks.finished_at IS NULL
      AND tasks.undoing IS NULL AND ${isNotTaken('events', 'waiting')}
    GROUP BY waiting.task_id
  ) AS first
  WHERE task_steps.task_id = first.task_id AND task_steps.name = first.name AND task_steps.occurrence = first.occurrence
  RETURNING task_steps.task_id AS taskId, task_steps.name AS name, task_steps.occurrence AS occurrence`;

/** Adds the statement that ends the waits for the event with this id. Returns the steps whose waits it ended. */
export function matchEvent(batch: Batch, eventId: string, now: number): () => EndedWait[] {
  const matched = batch.add<EndedWait>(MATCH, eventId, now);
  return () => matched.rows;
}
