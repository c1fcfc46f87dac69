// The attempts of a task, oldest first: the rows of `attempts`, and the latest one from the task's own row if it has no row
// of its own (it runs, or it succeeded without log lines).
import type { Engine } from '../engine.ts';
import type { Attempt } from '../task.ts';
import { read } from './batch.ts';
import { type AttemptRow, toAttempt } from './rows.ts';

/** The latest attempt in the task's row; `state` names its outcome. */
const LATEST_ATTEMPT = `
  FROM tasks WHERE id = ?1 AND started_at IS NOT NULL AND state IN ('STARTED', 'SUCCESS', 'FAILURE', 'REVOKED')
    AND NOT EXISTS (SELECT 1 FROM attempts WHERE task_id = ?1 AND number = fence)`;

const LIST = `
  SELECT number, outcome, started_at, finished_at, error, reason, logs, version, batch FROM attempts WHERE task_id = ?1
  UNION ALL
  SELECT fence, state, started_at, finished_at, error, NULL, NULL, version, CASE WHEN state = 'SUCCESS' THEN batch END ${LATEST_ATTEMPT}
  ORDER BY 1`;

/** At most 1,000. */
export async function listAttempts(engine: Engine, taskId: string): Promise<Attempt[]> {
  const rows = await read<AttemptRow>(engine, `${LIST} LIMIT 1000`, taskId);
  return rows.map(toAttempt);
}
