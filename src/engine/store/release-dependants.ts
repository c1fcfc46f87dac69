// What follows when tasks of workflows end, in the same batch: counts of open parents go down, tasks whose last parent
// ended become PENDING, and tasks that can never run end as their parent did, all the way down the graph.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { FinalState } from '../state.ts';
import type { TaskUpdate } from '../task.ts';
import type { Batch } from './batch.ts';

export interface EndedTask {
  id: string;
  state: FinalState;
}

/** Readable after the commit. */
export interface Released {
  /** Tasks whose last parent ended. */
  rings(): Ring[];
  /** What changed beside the ended tasks. `at`: epoch milliseconds. */
  updates(at: number): TaskUpdate[];
}

/**
 * True if this child can never run, because its parent (`fallen`, over `edges`) ended the wrong way. Between nodes of a graph, where
 * edges have labels, only a failure decides that alone. A node that was not needed counts as done there: its child looks at all its
 * parents when they have ended (workflow/receive.ts), so that the order in which they ended makes no difference.
 */
const TAKES_ALONG = `
  CASE WHEN edges.label IS NULL
    THEN fallen.needless OR edges.runs_on = CASE WHEN fallen.state = 'SUCCESS' THEN 'failure' ELSE 'success' END
    ELSE edges.runs_on = 'success' AND fallen.state <> 'SUCCESS' AND NOT fallen.needless END`;

/**
 * The ended tasks (?1) that are final in their rows, and every task that can never run because of them. A child that waits
 * for a success ends as its parent did. A child that waits for a failure is REVOKED, and so is all that depends on it, but
 * that is no failure: it was not needed. Each task appears once for each way to end, however many of its ancestors failed.
 * Must be read before END_DEPENDANTS changes those rows.
 */
const FALLEN = `
  fallen (id, state, fell, needless) AS (
    SELECT tasks.id, tasks.state, 0, tasks.state = 'REVOKED' AND tasks.error ->> 'code' = 'not_needed'
    FROM json_each(?1) AS e JOIN tasks ON tasks.id = e.value ->> 0
    WHERE tasks.state = e.value ->> 1
    UNION
    SELECT edges.child_id, CASE WHEN fallen.state = 'SUCCESS' THEN 'REVOKED' ELSE fallen.state END, 1,
           fallen.needless OR fallen.state = 'SUCCESS'
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id JOIN tasks ON tasks.id = edges.child_id
    WHERE tasks.state = 'WAITING' AND ${TAKES_ALONG}
  )`;

/** A parent counts as done for a child unless it takes the child along. CROSS JOIN keeps SQLite from reading all parents of the child instead. */
const RELEASE = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET
    open_parents = open_parents - done.parents,
    state = CASE WHEN open_parents <= done.parents THEN 'PENDING' ELSE state END,
    due_at = max(due_at, ?2), wake_at = max(due_at, ?2) + ?3
  FROM (
    SELECT edges.child_id, count(DISTINCT fallen.id) AS parents
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id
    WHERE NOT ${TAKES_ALONG} GROUP BY edges.child_id
  ) AS done
  WHERE tasks.id = done.child_id AND +tasks.state = 'WAITING'
  RETURNING tasks.id, name, queue, due_at AS dueAt, workflow_id AS workflowId, state`;

/** Progress of the workflows concerned. */
const COUNT = `
  WITH RECURSIVE ${FALLEN}
  UPDATE workflows SET done = done + ended.tasks
  FROM (
    SELECT tasks.workflow_id, count(DISTINCT fallen.id) AS tasks FROM fallen JOIN tasks ON tasks.id = fallen.id
    GROUP BY tasks.workflow_id
  ) AS ended
  WHERE workflows.id = ended.workflow_id`;

/** Ends what can never run. A task that was not needed says so; any other notes the parent that ended it: a failed one if there is one. */
const END_DEPENDANTS = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET state = lost.state, finished_at = ?2,
    error = CASE WHEN lost.needless
      THEN json_object('code', 'not_needed', 'type', 'NotNeeded', 'message', 'the task it was to run after the failure of did not fail')
      ELSE json_object('code', 'dependency', 'parent', substr(lost.parent, 2)) END
  FROM (
    SELECT edges.child_id, max(fallen.needless OR fallen.state = 'SUCCESS') AS needless,
           min(CASE WHEN fallen.state = 'SUCCESS' THEN 'REVOKED' ELSE fallen.state END) AS state,
           min(CASE fallen.state WHEN 'FAILURE' THEN '0' ELSE '1' END || fallen.id) AS parent
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id WHERE ${TAKES_ALONG} GROUP BY edges.child_id
  ) AS lost
  WHERE tasks.id = lost.child_id AND +tasks.state = 'WAITING'
  RETURNING tasks.id, name, queue, workflow_id AS workflowId, tasks.state`;

/**
 * Must follow END_DEPENDANTS. Down the tree of noted parents, each error gets the task that it all began with (?1). Each task
 * has one such parent, so it is visited once, however many of its ancestors failed.
 */
const EXPLAIN = `
  WITH RECURSIVE causes (id, cause) AS (
    SELECT value, value FROM json_each(?1)
    UNION ALL
    SELECT edges.child_id, causes.cause
    FROM causes CROSS JOIN edges ON edges.parent_id = causes.id CROSS JOIN tasks ON tasks.id = edges.child_id
    WHERE tasks.error ->> 'parent' = causes.id
  )
  UPDATE tasks SET error = json_object('code', 'dependency', 'type', 'DependencyError',
    'message', 'Dependency ' || lost.cause || ' raised ' || lost.reason)
  FROM (
    SELECT causes.id, causes.cause, coalesce(cause.error ->> 'type' || ': ' || (cause.error ->> 'message'), 'nothing') AS reason
    FROM causes CROSS JOIN tasks AS cause ON cause.id = causes.cause GROUP BY causes.id
  ) AS lost
  WHERE tasks.id = lost.id AND +tasks.error ->> 'parent' IS NOT NULL`;

interface ChangedRow {
  id: string;
  name: string;
  queue: QueueName;
  dueAt: number;
  workflowId: string;
  state: TaskUpdate['state'];
}

/** Adds the statements, in their order, behind the one that made the tasks final. */
export function releaseDependants(batch: Batch, engine: Engine, ended: readonly EndedTask[]): Released {
  if (ended.length === 0) return { rings: () => [], updates: () => [] };
  const set = JSON.stringify(ended.map(({ id, state }) => [id, state]));
  const now = engine.clock.now();
  const opened = batch.add<ChangedRow>(RELEASE, set, now, engine.settings.ringGraceSeconds * 1000);
  batch.add(COUNT, set);
  const lost = batch.add<ChangedRow>(END_DEPENDANTS, set, now);
  const causes = ended.filter(({ state }) => state !== 'SUCCESS').map(({ id }) => id);
  if (causes.length > 0) batch.add(EXPLAIN, JSON.stringify(causes));
  const released = () => opened.rows.filter(({ state }) => state === 'PENDING');
  return {
    rings: () => released().map(({ id, name, queue, dueAt }) => ({ id, name, queue, dueAt })),
    updates: (at) => [...released(), ...lost.rows].map((row) => toUpdate(row, at)),
  };
}

function toUpdate({ id, name, queue, state, workflowId }: ChangedRow, at: number): TaskUpdate {
  return { taskId: id, name, queue, state, progress: undefined, workflowId, at };
}
