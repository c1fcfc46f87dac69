// Revokes a whole workflow, or runs again what failed in it and what depends on that.
import type { Engine } from '../engine.ts';
import { commit, read } from './commit.ts';
import { nextForPlaces } from './next-for-places.ts';
import { type ReleasedTask, releasedOf } from './release-dependants.ts';
import type { TaskError } from './rows.ts';

const MEMBERS = 'SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1';

const COUNT_REVOKED = `
  INSERT INTO task_stats (minute, name, queue, revoked, first_attempts)
  SELECT ?2, name, queue, count(*), sum(fence = 0) FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + excluded.revoked,
    first_attempts = first_attempts + excluded.first_attempts`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (${MEMBERS}) AND finished_at IS NULL`;

const UNFINISHED = `
  SELECT name, concurrency_key AS key FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL`;

export interface RevokedWorkflow {
  /** Tasks revoked; those that were final stay as they are. */
  count: number;
  /** Tasks of others that waited for a place. */
  released: ReleasedTask[];
}

export async function revokeWorkflow(engine: Engine, id: string, error: TaskError): Promise<RevokedWorkflow> {
  const now = engine.clock.now();
  const rows = await read<{ name: string; key: string | null }>(engine, engine.db.prepare(UNFINISHED).bind(id));
  const places = rows.flatMap(({ name, key }) => (key === null ? [] : [{ name, key }]));
  const [, revoked, , ...rest] = await commit(
    engine,
    [
      engine.db.prepare(COUNT_REVOKED).bind(id, now - (now % 60_000)),
      engine.db.prepare(REVOKE).bind(id, now, JSON.stringify(error)),
      engine.db.prepare('UPDATE workflows SET done = total WHERE id = ?1').bind(id),
      ...nextForPlaces(engine, places),
    ],
    { repeatable: false },
  );
  return { count: revoked?.meta.changes ?? 0, released: releasedOf(rest) };
}

/** What failed, and what fell with it. A callback that was not needed is not missing. */
const FAILED = `
  id IN (${MEMBERS}) AND (state = 'FAILURE' OR state = 'REVOKED') AND coalesce(error ->> 'code', '') <> 'not_needed'
  AND finished_at < ?4`;

const KEEP_LATEST_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error)
  SELECT id, fence, state, started_at, finished_at, error FROM tasks WHERE ${FAILED} AND started_at IS NOT NULL
  ON CONFLICT DO NOTHING`;

/** Every parent that has not succeeded is among those that run again, so it is open. */
const OPEN = `
  (SELECT count(*) FROM edges JOIN tasks AS parent ON parent.id = edges.parent_id
   WHERE edges.child_id = tasks.id AND parent.state <> 'SUCCESS')`;

const RETRY = `
  UPDATE tasks SET state = CASE WHEN ${OPEN} > 0 THEN 'WAITING' ELSE 'PENDING' END, open_parents = ${OPEN},
    attempt = 0, crashes = 0, error = NULL, progress = NULL, expires_at = NULL, started_at = NULL, finished_at = NULL,
    due_at = ?2, wake_at = ?3
  WHERE ${FAILED} RETURNING id, name, queue, due_at AS dueAt, state`;

const RECOUNT = `
  UPDATE workflows SET done = (SELECT count(*) FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NOT NULL) WHERE id = ?1`;

/** How many tasks run again, and those of them that can start now. */
export async function retryWorkflow(
  engine: Engine,
  id: string,
  { wakeAt, endedBefore }: { wakeAt: number; endedBefore: number },
): Promise<{ count: number; released: ReleasedTask[] }> {
  const [, retried] = await commit(
    engine,
    [
      engine.db.prepare(KEEP_LATEST_ATTEMPTS).bind(id, null, null, endedBefore),
      engine.db.prepare(RETRY).bind(id, engine.clock.now(), wakeAt, endedBefore),
      engine.db.prepare(RECOUNT).bind(id),
    ],
    { repeatable: false },
  );
  const rows = (retried?.results ?? []) as (ReleasedTask & { state: string })[];
  return { count: rows.length, released: rows.filter(({ state }) => state === 'PENDING') };
}
