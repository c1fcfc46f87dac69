// Revokes a whole workflow, or runs again what failed in it and what depends on that, or counts what would run again.
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { State } from '../state.ts';
import type { TaskError } from '../task.ts';
import { Batch, read } from './batch.ts';
import { nextForPlaces } from './next-for-places.ts';
import { forgetFailedSteps, keepLatestAttempts, RESET_COLUMNS, resultPayloads } from './task-belongings.ts';
import { undoFirst } from './undo-first.ts';

const MEMBERS = 'SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1';

/** A task that was not needed has not failed. */
const FAILED = `(state = 'FAILURE' OR (state = 'REVOKED' AND coalesce(error ->> 'code', '') <> 'not_needed'))`;

const COUNT_REVOKED = `
  INSERT INTO task_stats (minute, name, queue, revoked, first_attempts, attempts, runtime_ms)
  SELECT ?2, name, queue, count(*), sum(fence = 0 OR (fence = 1 AND state = 'STARTED')), sum(state = 'STARTED'),
    sum(CASE state WHEN 'STARTED' THEN max(0, ?3 - started_at) ELSE 0 END)
  FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL AND has_undo = 0 GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + excluded.revoked,
    first_attempts = first_attempts + excluded.first_attempts, attempts = attempts + excluded.attempts,
    runtime_ms = runtime_ms + excluded.runtime_ms`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (${MEMBERS}) AND finished_at IS NULL AND has_undo = 0`;

const UNFINISHED = `
  SELECT name, concurrency_key AS concurrencyKey FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NULL`;

const RECOUNT = `
  UPDATE workflows SET done = (SELECT count(*) FROM tasks WHERE id IN (${MEMBERS}) AND finished_at IS NOT NULL) WHERE id = ?1`;

export interface RevokedWorkflow {
  /** Tasks revoked; those that were final stay as they are. */
  count: number;
  /** The definitions of the tasks that were unfinished just before. */
  tasks: { name: string }[];
  /** For tasks outside the workflow that waited for a place, and for members whose steps are undone first. */
  rings: Ring[];
}

export async function revokeWorkflowRows(engine: Engine, id: string, error: TaskError): Promise<RevokedWorkflow> {
  const now = engine.clock.now();
  const tasks = await read<{ name: string; concurrencyKey: string | null }>(engine, UNFINISHED, id);
  const batch = new Batch(engine);
  batch.add(COUNT_REVOKED, id, now - (now % 60_000), now);
  const revoked = batch.add(REVOKE, id, now, JSON.stringify(error));
  const undone = undoFirst(batch, engine, { ids: MEMBERS, set: id, error: JSON.stringify(error) }, now);
  batch.add(RECOUNT, id);
  const places = tasks.flatMap(({ name, concurrencyKey }) =>
    concurrencyKey === null ? [] : [{ concurrencyKey, name }],
  );
  const next = nextForPlaces(batch, engine, places);
  await batch.commit({ repeatable: false });
  const undoing = undone.rows.map((ring) => ({ ...ring, returning: true }));
  return { count: revoked.changes + undoing.length, tasks, rings: [...next(), ...undoing] };
}

/**
 * The tasks of workflow ?1 that failed or were revoked, if one of them ended before ?2, and every task that depends on them,
 * however it ended: a body that ran with an error, a callback that ran because of the failure, a task that was not needed.
 */
const AGAIN = `
  again (id) AS (
    SELECT id FROM tasks WHERE id IN (${MEMBERS}) AND ${FAILED}
      AND EXISTS (SELECT 1 FROM tasks WHERE id IN (${MEMBERS}) AND ${FAILED} AND finished_at < ?2)
    UNION
    SELECT edges.child_id FROM again CROSS JOIN edges ON edges.parent_id = again.id
  )`;

const SOURCE = 'FROM again CROSS JOIN tasks ON tasks.id = again.id WHERE true';

const RETRY = `
  WITH RECURSIVE ${AGAIN}
  UPDATE tasks SET state = CASE WHEN open.parents > 0 THEN 'WAITING' ELSE 'PENDING' END, open_parents = open.parents,
    ${RESET_COLUMNS}, due_at = ?3, wake_at = ?4
  FROM (
    SELECT id, (SELECT count(*) FROM edges WHERE child_id = again.id AND parent_id IN (SELECT id FROM again)) AS parents
    FROM again
  ) AS open
  WHERE tasks.id = open.id RETURNING tasks.id, name, queue, due_at AS dueAt, state`;

export interface RetriedWorkflow {
  /** How many tasks run again. */
  count: number;
  /** For those of them that can start now. */
  rings: Ring[];
  /** Payload keys that no task names any more. */
  payloadKeys: string[];
}

/**
 * Changes nothing unless a task of the workflow failed before `endedBefore`, epoch milliseconds. Every task of the workflow
 * must be final.
 */
export async function retryWorkflowRows(
  engine: Engine,
  id: string,
  { wakeAt, endedBefore }: { wakeAt: number; endedBefore: number },
): Promise<RetriedWorkflow> {
  const batch = new Batch(engine);
  const recursive = `WITH RECURSIVE ${AGAIN}`;
  batch.add(`${recursive} ${keepLatestAttempts(SOURCE)}`, id, endedBefore);
  batch.add(`${recursive} ${forgetFailedSteps(SOURCE)}`, id, endedBefore);
  const payloads = batch.add<{ payloadKey: string }>(`${recursive} ${resultPayloads(SOURCE)}`, id, endedBefore);
  const retried = batch.add<Ring & { state: string }>(RETRY, id, endedBefore, engine.clock.now(), wakeAt);
  batch.add(RECOUNT, id);
  await batch.commit({ repeatable: false });
  const waiting = retried.rows.filter(({ state }) => state === 'PENDING');
  return {
    count: retried.rows.length,
    rings: waiting.map(({ state: _, ...ring }) => ring),
    payloadKeys: payloads.rows.map(({ payloadKey }) => payloadKey),
  };
}

const RETRIABLE = `
  WITH RECURSIVE again (id) AS (
    SELECT tasks.id FROM json_each(?1) AS wanted
    CROSS JOIN workflows ON workflows.id = wanted.value AND done >= total
    CROSS JOIN workflow_tasks ON workflow_tasks.workflow_id = workflows.id
    CROSS JOIN tasks ON tasks.id = workflow_tasks.task_id
    WHERE ${FAILED}
    UNION
    SELECT edges.child_id FROM again CROSS JOIN edges ON edges.parent_id = again.id
  )
  SELECT name, state, count(*) AS count FROM again CROSS JOIN tasks ON tasks.id = again.id GROUP BY name, state`;

/** The tasks that retries of these workflows would run again. A workflow with unfinished tasks cannot be retried. */
export async function countRetriable(
  engine: Engine,
  workflowIds: readonly string[],
): Promise<{ name: string; state: State; count: number }[]> {
  return read(engine, RETRIABLE, JSON.stringify(workflowIds));
}
