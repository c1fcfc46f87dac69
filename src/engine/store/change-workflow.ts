// Revokes a whole workflow, or runs again what failed in it and what depends on that.
import type { Engine } from '../engine.ts';
import { commit, read } from './commit.ts';
import { nextForPlaces } from './next-for-places.ts';
import { type ReleasedTask, releasedOf } from './release-dependants.ts';
import type { TaskError } from './rows.ts';

const MEMBERS = 'SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1';

/** A callback that was not needed is not missing. */
const FAILED = `(state = 'FAILURE' OR state = 'REVOKED') AND coalesce(error ->> 'code', '') <> 'not_needed'`;

const COUNT_REVOKED = `
  INSERT INTO task_stats (minute, name, queue, revoked, first_attempts, attempts)
  SELECT ?2, name, queue, count(*), sum(fence = 0 OR (fence = 1 AND state = 'STARTED')), sum(state = 'STARTED')
  FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + excluded.revoked,
    first_attempts = first_attempts + excluded.first_attempts, attempts = attempts + excluded.attempts`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (${MEMBERS}) AND finished_at IS NULL`;

const UNFINISHED = `
  SELECT name, concurrency_key AS key FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL`;

export interface RevokedWorkflow {
  /** Tasks revoked; those that were final stay as they are. */
  count: number;
  /** What they are, as far as that was known before. */
  tasks: { name: string }[];
  /** Tasks of others that waited for a place. */
  released: ReleasedTask[];
}

export async function revokeWorkflow(engine: Engine, id: string, error: TaskError): Promise<RevokedWorkflow> {
  const now = engine.clock.now();
  const tasks = await read<{ name: string; key: string | null }>(engine, engine.db.prepare(UNFINISHED).bind(id));
  const places = tasks.flatMap(({ name, key }) => (key === null ? [] : [{ name, key }]));
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
  return { count: revoked?.meta.changes ?? 0, tasks, released: releasedOf(rest) };
}

/**
 * What failed or was revoked in the workflow ?1, if anything of that ended before ?2, and all that follows from it, whatever
 * became of that: a body that was content with an error, a callback that told of the failure, one that was not needed.
 */
const AGAIN = `
  again (id) AS (
    SELECT id FROM tasks WHERE id IN (${MEMBERS}) AND ${FAILED}
      AND EXISTS (SELECT 1 FROM tasks WHERE id IN (${MEMBERS}) AND ${FAILED} AND finished_at < ?2)
    UNION
    SELECT edges.child_id FROM again CROSS JOIN edges ON edges.parent_id = again.id
  )`;

const KEEP_LATEST_ATTEMPTS = `
  WITH RECURSIVE ${AGAIN}
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error)
  SELECT tasks.id, fence, state, started_at, finished_at, error FROM again CROSS JOIN tasks ON tasks.id = again.id
  WHERE started_at IS NOT NULL
  ON CONFLICT DO NOTHING`;

/** Where their large results were, to be deleted. */
const RESULT_KEYS = `
  WITH RECURSIVE ${AGAIN}
  SELECT result_key AS resultKey FROM again CROSS JOIN tasks ON tasks.id = again.id WHERE result_key IS NOT NULL`;

const RETRY = `
  WITH RECURSIVE ${AGAIN}
  UPDATE tasks SET state = CASE WHEN open.parents > 0 THEN 'WAITING' ELSE 'PENDING' END, open_parents = open.parents,
    attempt = 0, crashes = 0, result = NULL, result_key = NULL, error = NULL, progress = NULL, expires_at = NULL,
    started_at = NULL, finished_at = NULL, due_at = ?3, wake_at = ?4
  FROM (
    SELECT id, (SELECT count(*) FROM edges WHERE child_id = again.id AND parent_id IN (SELECT id FROM again)) AS parents
    FROM again
  ) AS open
  WHERE tasks.id = open.id RETURNING tasks.id, name, queue, due_at AS dueAt, state`;

const RECOUNT = `
  UPDATE workflows SET done = (SELECT count(*) FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NOT NULL) WHERE id = ?1`;

export interface RetriedWorkflow {
  /** How many tasks run again. */
  count: number;
  /** Those of them that can start now. */
  released: ReleasedTask[];
  /** Payloads that nothing names any more. */
  resultKeys: string[];
}

/** Nothing, unless something in it failed before `endedBefore`, epoch milliseconds. Everything in it must have ended. */
export async function retryWorkflow(
  engine: Engine,
  id: string,
  { wakeAt, endedBefore }: { wakeAt: number; endedBefore: number },
): Promise<RetriedWorkflow> {
  const { db } = engine;
  const [, keys, retried] = await commit(
    engine,
    [
      db.prepare(KEEP_LATEST_ATTEMPTS).bind(id, endedBefore),
      db.prepare(RESULT_KEYS).bind(id, endedBefore),
      db.prepare(RETRY).bind(id, endedBefore, engine.clock.now(), wakeAt),
      db.prepare(RECOUNT).bind(id),
    ],
    { repeatable: false },
  );
  const rows = (retried?.results ?? []) as (ReleasedTask & { state: string })[];
  return {
    count: rows.length,
    released: rows.filter(({ state }) => state === 'PENDING'),
    resultKeys: ((keys?.results ?? []) as { resultKey: string }[]).map(({ resultKey }) => resultKey),
  };
}
