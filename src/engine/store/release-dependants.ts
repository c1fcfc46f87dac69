// What follows when tasks of workflows end, in the same batch: counts of open parents go down, tasks whose last parent
// ended become PENDING, and tasks that can never run end as their parent did, all the way down the graph.
import type { Engine, LiveEvent } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { FinalState } from '../state.ts';

export interface EndedTask {
  id: string;
  state: FinalState;
}

/** A task whose last parent ended: it wants a ring. */
export interface ReleasedTask {
  id: string;
  name: string;
  queue: QueueName;
  dueAt: number;
  /** It crashed before: to be run alone. */
  alone?: boolean;
  workflowId?: string | undefined;
}

/** Does a task fall because of this parent (`fallen`, over `edges`)? It waits for an end that will not come. */
const TAKES_ALONG = `
  (fallen.needless OR edges.runs_on = CASE WHEN fallen.state = 'SUCCESS' THEN 'failure' ELSE 'success' END)`;

/**
 * The ended tasks (?1) that really are final now, and all that falls with them: a task waiting for a success that will not
 * come ends as its parent did; one waiting for a failure that did not come is REVOKED, with all that hangs on it, without being a failure itself.
 * Each task comes up once for each way to end, however many of its ancestors failed. Read before FALL changes those rows.
 */
const FALLEN = `
  fallen (id, state, fell, needless) AS (
    SELECT tasks.id, tasks.state, 0, 0 FROM json_each(?1) AS e JOIN tasks ON tasks.id = e.value ->> 0
    WHERE tasks.state = e.value ->> 1
    UNION
    SELECT edges.child_id, CASE WHEN fallen.state = 'SUCCESS' THEN 'REVOKED' ELSE fallen.state END, 1,
           fallen.needless OR fallen.state = 'SUCCESS'
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id JOIN tasks ON tasks.id = edges.child_id
    WHERE tasks.state = 'WAITING' AND ${TAKES_ALONG}
  )`;

/** Parents that count as done for a child: they ended the way it runs on. CROSS JOIN keeps SQLite from reading all parents of the child instead. */
const RELEASE = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET
    open_parents = open_parents - done.parents,
    state = CASE WHEN open_parents <= done.parents THEN 'PENDING' ELSE state END,
    due_at = max(due_at, ?2), wake_at = max(due_at, ?2) + ?3
  FROM (
    SELECT edges.child_id, count(DISTINCT fallen.id) AS parents
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id
    WHERE NOT fallen.needless
      AND (edges.runs_on = 'any' OR edges.runs_on = CASE WHEN fallen.state = 'SUCCESS' THEN 'success' ELSE 'failure' END)
    GROUP BY edges.child_id
  ) AS done
  WHERE tasks.id = done.child_id AND +tasks.state = 'WAITING'
  RETURNING tasks.id, name, queue, due_at AS dueAt, workflow_id AS workflowId, state AS released`;

/** Progress of the workflows concerned. */
const COUNT = `
  WITH RECURSIVE ${FALLEN}
  UPDATE workflows SET done = done + ended.tasks
  FROM (
    SELECT tasks.workflow_id, count(DISTINCT fallen.id) AS tasks FROM fallen JOIN tasks ON tasks.id = fallen.id
    GROUP BY tasks.workflow_id
  ) AS ended
  WHERE workflows.id = ended.workflow_id`;

/** What can never run ends, and notes the parent it fell with: a failed one if there is one. */
const FALL = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET state = lost.state, finished_at = ?2,
    error = json_object('code', CASE WHEN lost.needless THEN 'not_needed' ELSE 'dependency' END, 'parent', substr(lost.parent, 2))
  FROM (
    SELECT edges.child_id, max(fallen.needless OR fallen.state = 'SUCCESS') AS needless,
           min(CASE WHEN fallen.state = 'SUCCESS' THEN 'REVOKED' ELSE fallen.state END) AS state,
           min(CASE fallen.state WHEN 'FAILURE' THEN '0' ELSE '1' END || fallen.id) AS parent
    FROM fallen CROSS JOIN edges ON edges.parent_id = fallen.id WHERE ${TAKES_ALONG} GROUP BY edges.child_id
  ) AS lost
  WHERE tasks.id = lost.child_id AND +tasks.state = 'WAITING'
  RETURNING tasks.id, name, queue, workflow_id AS workflowId, tasks.state AS fell`;

/**
 * Follows FALL: down the tree of noted parents each error gets the task that it all began with. Each task has one such
 * parent, so it is visited once, however many of its ancestors failed.
 */
const EXPLAIN = `
  WITH RECURSIVE causes (id, cause) AS (
    SELECT value ->> 0, value ->> 0 FROM json_each(?1) WHERE changes() > 0
    UNION ALL
    SELECT edges.child_id, causes.cause
    FROM causes CROSS JOIN edges ON edges.parent_id = causes.id CROSS JOIN tasks ON tasks.id = edges.child_id
    WHERE tasks.error ->> 'parent' = causes.id
  )
  UPDATE tasks SET error = CASE error ->> 'code'
    WHEN 'not_needed' THEN json_object('code', 'not_needed', 'type', 'NotNeeded',
      'message', 'the task it was to run after the failure of did not fail')
    ELSE json_object('code', 'dependency', 'type', 'DependencyError', 'message', 'Dependency ' || lost.cause || ' raised ' || lost.reason) END
  FROM (
    SELECT causes.id, causes.cause, coalesce(cause.error ->> 'type' || ': ' || (cause.error ->> 'message'), 'nothing') AS reason
    FROM causes CROSS JOIN tasks AS cause ON cause.id = causes.cause GROUP BY causes.id
  ) AS lost
  WHERE tasks.id = lost.id AND +tasks.error ->> 'parent' IS NOT NULL`;

/** The statements, in their order. They belong behind the one that made the tasks final; `releasedOf` reads the batch's results. */
export function releaseStatements(engine: Engine, ended: readonly EndedTask[]): D1PreparedStatement[] {
  const set = JSON.stringify(ended.map(({ id, state }) => [id, state]));
  const now = engine.clock.now();
  return [
    engine.db.prepare(RELEASE).bind(set, now, engine.settings.ringGraceSeconds * 1000),
    engine.db.prepare(COUNT).bind(set),
    engine.db.prepare(FALL).bind(set, now),
    engine.db.prepare(EXPLAIN).bind(set),
  ];
}

/** The tasks that a batch with `releaseStatements` released. */
export function releasedOf(results: readonly D1Result[]): ReleasedTask[] {
  type Row = ReleasedTask & { released?: string; crashes?: number };
  return results
    .flatMap((result) => (result.results ?? []) as Row[])
    .filter(({ released }) => released === 'PENDING')
    .map(({ id, name, queue, dueAt, workflowId, crashes = 0 }) => ({
      id,
      name,
      queue,
      dueAt,
      workflowId,
      ...(crashes > 0 && { alone: true }),
    }));
}

interface News extends Pick<ReleasedTask, 'id' | 'name' | 'queue'> {
  workflowId?: string | null;
  released?: string;
  fell?: FinalState;
}

/** What a batch with `releaseStatements` changed, as news. What only waited for a place is no member, and as it was. */
export function releaseEvents(results: readonly D1Result[], at: number): LiveEvent[] {
  return results
    .flatMap((result) => (result.results ?? []) as unknown as News[])
    .filter(({ workflowId, released, fell }) => workflowId && (fell || released === 'PENDING'))
    .map(({ id, name, queue, workflowId, fell }) => ({
      taskId: id,
      name,
      queue,
      state: fell ?? 'PENDING',
      progress: undefined,
      workflowId: workflowId ?? undefined,
      at,
    }));
}
