// The retry by hand: final tasks run again with the same input under the same ids. Their history is kept.
import type { Engine, LiveEvent } from '../engine.ts';
import type { ReleasedTask } from './release-dependants.ts';
import { commitWatched } from './watchers.ts';

/** Of the tasks ?1 those that may run again. A task of a workflow runs again with its workflow only. */
const RETRIED = `
  id IN (SELECT value FROM json_each(?1)) AND finished_at IS NOT NULL AND finished_at < ?2 AND workflow_id IS NULL`;

/** The attempts that only the tasks' rows told of get rows of their own before those are reset. */
const KEEP_LATEST_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error)
  SELECT id, fence, state, started_at, finished_at, error FROM tasks WHERE ${RETRIED} AND started_at IS NOT NULL
  ON CONFLICT DO NOTHING`;

/** Where their large results were, to be deleted. */
const RESULT_KEYS = `SELECT result_key AS resultKey FROM tasks WHERE ${RETRIED} AND result_key IS NOT NULL`;

const RETRY = `
  UPDATE tasks SET state = 'PENDING', attempt = 0, crashes = 0, result = NULL, result_key = NULL, error = NULL,
    progress = NULL, expires_at = NULL, started_at = NULL, finished_at = NULL, due_at = ?3, wake_at = ?4,
    queue = coalesce(?5, queue)
  WHERE ${RETRIED} RETURNING id, name, queue, due_at AS dueAt`;

export interface Retried {
  tasks: ReleasedTask[];
  /** Payloads that nothing names any more. */
  resultKeys: string[];
}

/**
 * Makes the tasks PENDING again that ended before `endedBefore` (epoch milliseconds), in the lane `queue` if given.
 * What is not final, or a part of a workflow, stays as it is.
 */
export async function retryTasks(
  engine: Engine,
  ids: readonly string[],
  { endedBefore, wakeAt, queue = null }: { endedBefore: number; wakeAt: number; queue?: string | null },
): Promise<Retried> {
  const { db } = engine;
  const set = JSON.stringify(ids);
  const now = engine.clock.now();
  const retriedOf = ([, , retried]: readonly D1Result[]) => (retried?.results ?? []) as unknown as ReleasedTask[];
  const results = await commitWatched(
    engine,
    [
      db.prepare(KEEP_LATEST_ATTEMPTS).bind(set, endedBefore),
      db.prepare(RESULT_KEYS).bind(set, endedBefore),
      db.prepare(RETRY).bind(set, endedBefore, now, wakeAt, queue),
    ],
    { repeatable: false },
    (all) => retriedOf(all).map((task) => toEvent(task, now)),
  );
  const [, keys] = results;
  return {
    tasks: retriedOf(results),
    resultKeys: ((keys?.results ?? []) as { resultKey: string }[]).map(({ resultKey }) => resultKey),
  };
}

function toEvent({ id, name, queue }: ReleasedTask, at: number): LiveEvent {
  return { taskId: id, name, queue, state: 'PENDING', progress: undefined, workflowId: undefined, at };
}
