// Records how the undo of a step went.
import type { Engine } from '../engine.ts';
import type { RecordedStep, StepName } from '../steps/step.ts';
import type { TaskError, TaskUpdate } from '../task.ts';
import { Batch } from './batch.ts';

const RECORD = `
  UPDATE task_steps SET undo = ?4, undo_error = ?5, undo_tries = ?6, undone_at = ?7
  WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3
    AND EXISTS (SELECT 1 FROM tasks WHERE id = ?1 AND fence = ?8 AND +state = 'STARTED')`;

export interface UndoRecord extends StepName, Pick<RecordedStep, 'outcome'> {
  task: Pick<TaskUpdate, 'taskId' | 'name' | 'queue' | 'workflowId'>;
  fence: number;
  /** `offered`: it failed and is tried again. */
  undo: 'offered' | 'done' | 'failed';
  error: TaskError | undefined;
  tries: number;
  /** Epoch milliseconds. */
  at: number;
}

/** Returns false when the task is no longer held. Throws EngineError `store_unavailable`. */
export async function recordUndo(engine: Engine, record: UndoRecord): Promise<boolean> {
  const { task, name, occurrence, outcome, undo, error, tries, at, fence } = record;
  const text = error ? JSON.stringify(error) : null;
  const batch = new Batch(engine);
  const values = [task.taskId, name, occurrence, undo, text, tries, undo === 'offered' ? null : at, fence];
  const recorded = batch.add(RECORD, ...values);
  const update: TaskUpdate = {
    ...task,
    state: 'STARTED',
    progress: undefined,
    step: { name, occurrence, outcome, undo },
    at,
  };
  await batch.commit({ repeatable: true, updates: () => (recorded.changes === 1 ? [update] : []) });
  return recorded.changes === 1;
}
