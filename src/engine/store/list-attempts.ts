// The attempts of a task, oldest first: the rows of `attempts`, and the latest one as the task's own row tells it, where
// it has no row of its own (it runs, or it succeeded silently).
import type { Engine } from '../engine.ts';
import { read } from './commit.ts';
import { type Attempt, type AttemptRow, toAttempt } from './rows.ts';

/** The latest attempt in the task's row; `state` names its outcome. */
const LATEST_ATTEMPT = `
  FROM tasks WHERE id = ?1 AND started_at IS NOT NULL AND state IN ('STARTED', 'SUCCESS', 'FAILURE', 'REVOKED')
    AND NOT EXISTS (SELECT 1 FROM attempts WHERE task_id = ?1 AND number = fence)`;

const LIST = `
  SELECT number, outcome, started_at, finished_at, error, logs FROM attempts WHERE task_id = ?1
  UNION ALL
  SELECT fence, state, started_at, finished_at, error, NULL ${LATEST_ATTEMPT}
  ORDER BY 1`;

/** At most the latest 1,000 would ever be shown; retries and snoozes of a task are bounded by what its author allows. */
export async function listAttempts(engine: Engine, taskId: string): Promise<Attempt[]> {
  const rows = await read<AttemptRow>(engine, engine.db.prepare(`${LIST} LIMIT 1000`).bind(taskId));
  return rows.map(toAttempt);
}
