// Revokes one task, queued or running, at once and durably. A running one learns of it from its next heartbeat, and can no
// longer settle: its fence holds nothing.
import type { Engine } from '../engine.ts';
import { commit } from './commit.ts';
import { type ReleasedTask, releasedOf, releaseStatements } from './release-dependants.ts';
import { TASK_COLUMNS, type Task, type TaskError, type TaskRow, toTask } from './rows.ts';

const COUNT = `
  INSERT INTO task_stats (minute, name, queue, revoked)
  SELECT ?2, name, queue, 1 FROM tasks WHERE id = ?1 AND finished_at IS NULL
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + 1`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id = ?1 AND finished_at IS NULL
  RETURNING ${TASK_COLUMNS}`;

/** The revoked task, and what may start because of it; undefined when there is none, or it was final already. */
export async function revokeTask(
  engine: Engine,
  id: string,
  error: TaskError,
): Promise<{ task: Task; released: ReleasedTask[] } | undefined> {
  const now = engine.clock.now();
  const [, revoked, ...rest] = await commit(
    engine,
    [
      engine.db.prepare(COUNT).bind(id, now - (now % 60_000)),
      engine.db.prepare(REVOKE).bind(id, now, JSON.stringify(error)),
      ...releaseStatements(engine, [{ id, state: 'REVOKED' }]),
    ],
    { repeatable: false },
  );
  const row = (revoked?.results as TaskRow[] | undefined)?.[0];
  return row && { task: toTask(row), released: releasedOf(rest) };
}
