// Makes tasks due whose waits have ended: by an event or a person while they waited, or in the moment in which they began to.
import { wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { Settlement } from '../settlement.ts';
import type { TaskUpdate } from '../task.ts';
import type { Batch } from './batch.ts';
import type { EndedWait } from './match-events.ts';

const RING = 'tasks.id AS id, tasks.name AS name, tasks.queue AS queue, tasks.due_at AS dueAt';

const WAKE_ENDED = `
  UPDATE tasks SET due_at = ?2, wake_at = ?3
  WHERE id IN (
      SELECT task_steps.task_id FROM json_each(?1) AS s JOIN task_steps ON task_steps.task_id = s.value ->> 0
        AND task_steps.name = s.value ->> 1 AND task_steps.occurrence = s.value ->> 2
      WHERE task_steps.outcome <> 'open')
    AND state = 'RETRY' AND due_at > ?2
  RETURNING ${RING}`;

/** Adds a statement behind the settling of tasks that wait: an event may have come after their waits were recorded. */
export function wakeEnded(batch: Batch, engine: Engine, settled: readonly Settlement[], now: number): () => Ring[] {
  const waits = settled.flatMap(({ id, waits }) => waits.map(({ name, occurrence }) => [id, name, occurrence]));
  if (waits.length === 0) return () => [];
  const woken = batch.add<Ring>(WAKE_ENDED, JSON.stringify(waits), now, wakeTime(engine, now, now));
  return () => woken.rows.map(returning);
}

/** A task that waits for another reason too, such as the backoff after an error, keeps its time. */
const IS_WAITING = `
  state = 'RETRY' AND due_at > ?2 AND EXISTS (
    SELECT 1 FROM attempts WHERE attempts.task_id = tasks.id AND attempts.number = tasks.fence AND attempts.outcome = 'SNOOZED'
      AND (attempts.reason ->> 'code') IN ('sleep', 'event', 'approval', 'step'))`;

const WAKE_BY_EVENT = `
  UPDATE tasks SET due_at = ?2, wake_at = ?3
  WHERE id IN (SELECT task_id FROM task_steps WHERE event_id = ?1 AND ended_at = ?2) AND ${IS_WAITING}
  RETURNING ${RING}`;

/** Adds a statement behind the matching of an event, at the same instant. */
export function wakeByEvent(batch: Batch, engine: Engine, eventId: string, now: number): () => Ring[] {
  const woken = batch.add<Ring>(WAKE_BY_EVENT, eventId, now, wakeTime(engine, now, now));
  return () => woken.rows.map(returning);
}

const WAKE_TASK = `
  UPDATE tasks SET due_at = ?2, wake_at = ?3 WHERE id = ?1 AND ${IS_WAITING} RETURNING ${RING}`;

/** Adds a statement behind the decision of a person. */
export function wakeTask(batch: Batch, engine: Engine, taskId: string, now: number): () => Ring[] {
  const woken = batch.add<Ring>(WAKE_TASK, taskId, now, wakeTime(engine, now, now));
  return () => woken.rows.map(returning);
}

/** The updates of tasks that are due because waits of their steps have ended. */
export function wokenUpdates(rings: readonly Ring[], waits: readonly EndedWait[], at: number): TaskUpdate[] {
  const steps = new Map(waits.map(({ taskId, name, occurrence }) => [taskId, { name, occurrence }]));
  return rings.map(({ id, name, queue }) => {
    const step = steps.get(id);
    const same = { taskId: id, name, queue, progress: undefined, workflowId: undefined, at };
    return { ...same, state: 'RETRY', ...(step && { step: { ...step, outcome: 'done' } }) };
  });
}

/** It has had its turn in the line of its rate limit. */
function returning(ring: Ring): Ring {
  return { ...ring, returning: true };
}
