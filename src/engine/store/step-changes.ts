// What people change about recorded steps: decisions, steps to forget, copies for a fork.
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { StepName } from '../steps/step.ts';
import { Batch, read } from './batch.ts';
import { wakeTask, wokenUpdates } from './wake-waiting.ts';

const DECIDE = `
  UPDATE task_steps SET outcome = 'done', result = ?4, ended_at = ?5
  WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3 AND kind = 'approval' AND outcome = 'open' AND until > ?5
    AND EXISTS (SELECT 1 FROM tasks WHERE id = ?1 AND finished_at IS NULL AND undoing IS NULL)`;

/** Records the decision, if the approval is open. Returns whether it was, and the ring for its task. */
export async function decideStep(
  engine: Engine,
  { taskId, name, occurrence }: StepName & { taskId: string },
  decision: string,
  now: number,
): Promise<{ decided: boolean; rings: Ring[] }> {
  const batch = new Batch(engine);
  const decided = batch.add(DECIDE, taskId, name, occurrence, decision, now);
  const woken = wakeTask(batch, engine, taskId, now);
  const ended = [{ taskId, name, occurrence }];
  await batch.commit({ repeatable: true, updates: () => wokenUpdates(woken(), ended, now) });
  return { decided: decided.changes === 1, rings: woken() };
}

/** Where an approval is in the list. */
export interface ApprovalPosition {
  startedAt: number;
  taskId: string;
  position: number;
}

export interface OpenApproval extends StepName, ApprovalPosition {
  task: string;
  title: string;
  details: string | null;
  until: number;
}

const OPEN = `
  SELECT task_steps.task_id AS taskId, tasks.name AS task, task_steps.name AS name, occurrence, about ->> 'title' AS title,
    about -> 'details' AS details, task_steps.started_at AS startedAt, until, position
  FROM task_steps INDEXED BY task_steps_approvals JOIN tasks ON tasks.id = task_steps.task_id
  WHERE kind = 'approval' AND outcome = 'open' AND until > ?4
    AND (task_steps.started_at, task_steps.task_id, position) > (?1, ?2, ?3)
    AND tasks.finished_at IS NULL AND tasks.undoing IS NULL
  ORDER BY task_steps.started_at, task_steps.task_id, position LIMIT ?5`;

/** The approvals that wait for a person, the oldest first. */
export function listOpenApprovals(
  engine: Engine,
  { startedAt, taskId, position }: ApprovalPosition,
  limit: number,
): Promise<OpenApproval[]> {
  return read(engine, OPEN, startedAt, taskId, position, engine.clock.now(), limit);
}

const COPY = `
  INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, result, result_key, error, about, started_at, ended_at,
    until, attempt, tries, wait_type, wait_key, since, event_id)
  SELECT ?2, name, occurrence, position, kind, outcome, result, coalesce(?4 ->> ('$."' || result_key || '"'), result_key), error, about,
    started_at, ended_at, until, 0, tries, wait_type, wait_key, since, event_id
  FROM task_steps WHERE task_id = ?1 AND position < ?3 AND (outcome <> 'open' OR kind = 'sleep')
    AND EXISTS (SELECT 1 FROM tasks WHERE id = ?2)`;

/** Adds the statements that give the task `to` the steps of `from` before a position. `keys`: its payload keys by those of `from`. */
export function copySteps(
  batch: Batch,
  { from, to, before, keys }: { from: string; to: string; before: number; keys: Record<string, string> },
): void {
  batch.add('UPDATE tasks SET forked_from = ?1 WHERE id = ?2', from, to);
  batch.add(COPY, from, to, before, JSON.stringify(keys));
}
