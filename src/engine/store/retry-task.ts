// The retry by hand: a final task runs again with the same input under the same id. Its history is kept.
import type { Engine } from '../engine.ts';
import { commit } from './commit.ts';
import { LATEST_ATTEMPT } from './list-attempts.ts';
import { TASK_COLUMNS, type Task, type TaskRow, toTask } from './rows.ts';

/** The attempt that only the task's row told of gets a row of its own before that row is reset. */
const KEEP_LATEST_ATTEMPT = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error)
  SELECT id, fence, state, started_at, finished_at, error ${LATEST_ATTEMPT} AND finished_at IS NOT NULL`;

const RETRY = `
  UPDATE tasks SET state = 'PENDING', attempt = 0, crashes = 0, result = NULL, result_key = NULL, error = NULL,
    progress = NULL, expires_at = NULL, started_at = NULL, finished_at = NULL, due_at = ?2, wake_at = ?3
  WHERE id = ?1 AND finished_at IS NOT NULL AND workflow_id IS NULL
  RETURNING ${TASK_COLUMNS}`;

/** The task, PENDING again; undefined when there is none, it is not final, or it is a part of a workflow. */
export async function retryTask(engine: Engine, id: string, wakeAt: number): Promise<Task | undefined> {
  const [, retried] = await commit(
    engine,
    [engine.db.prepare(KEEP_LATEST_ATTEMPT).bind(id), engine.db.prepare(RETRY).bind(id, engine.clock.now(), wakeAt)],
    { repeatable: false },
  );
  const row = (retried?.results as TaskRow[] | undefined)?.[0];
  return row && toTask(row);
}
