// Revokes one task, queued or running, at once and durably. A running one learns of it from its next heartbeat, and can no
// longer settle: its fence holds nothing.
import type { Engine } from '../engine.ts';
import { commit } from './commit.ts';
import { type ReleasedTask, releasedOf, releaseStatements } from './release-dependants.ts';
import { TASK_COLUMNS, type Task, type TaskError, type TaskRow, toTask } from './rows.ts';

/** Follows REVOKE: did that change nothing, then NULL aborts the batch, and nothing is released a second time. */
const COUNT = `
  INSERT INTO task_stats (minute, name, queue, revoked)
  SELECT ?2, name, queue, CASE WHEN changes() = 1 THEN 1 END FROM tasks WHERE id = ?1
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
  try {
    const [revoked, , ...rest] = await commit(
      engine,
      [
        engine.db.prepare(REVOKE).bind(id, now, JSON.stringify(error)),
        engine.db.prepare(COUNT).bind(id, now - (now % 60_000)),
        ...releaseStatements(engine, [{ id, state: 'REVOKED' }]),
      ],
      { repeatable: false },
    );
    const [row] = (revoked?.results ?? []) as TaskRow[];
    return row && { task: toTask(row), released: releasedOf(rest) };
  } catch (fault) {
    if (fault instanceof Error && fault.message.includes('NOT NULL constraint failed: task_stats.revoked'))
      return undefined;
    throw fault;
  }
}
