// Records how the undo of a step went.
import type { Engine } from '../engine.ts';
import type { StepName } from '../steps/step.ts';
import type { TaskError } from '../task.ts';
import { write } from './batch.ts';

const RECORD = `
  UPDATE task_steps SET undo = ?4, undo_error = ?5, undo_tries = ?6, undone_at = ?7
  WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3
    AND EXISTS (SELECT 1 FROM tasks WHERE id = ?1 AND fence = ?8 AND +state = 'STARTED')`;

export interface UndoRecord extends StepName {
  taskId: string;
  fence: number;
  /** `offered`: it failed and is tried again. */
  outcome: 'offered' | 'done' | 'failed';
  error: TaskError | undefined;
  tries: number;
  /** Epoch milliseconds. */
  at: number;
}

/** Returns false when the task is no longer held. Throws EngineError `store_unavailable`. */
export async function recordUndo(engine: Engine, undo: UndoRecord): Promise<boolean> {
  const { taskId, name, occurrence, outcome, error, tries, at, fence } = undo;
  const text = error ? JSON.stringify(error) : null;
  const values = [taskId, name, occurrence, outcome, text, tries, outcome === 'offered' ? null : at, fence];
  return (await write(engine, { repeatable: true }, RECORD, ...values)) === 1;
}
