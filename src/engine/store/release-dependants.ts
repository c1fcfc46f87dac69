// What follows when tasks of workflows end, in the same batch: counts of open parents go down, tasks whose last parent
// ended become PENDING, and tasks that can never run end as their parent did, all the way down the graph.
import type { Engine } from '../engine.ts';
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
}

/**
 * The ended tasks (?1) that really are final now, and all that falls with them: a task waiting for a success that will not
 * come ends as its parent did; one waiting for a failure that did not come is REVOKED, with all that hangs on it, without being a failure itself.
 * `cause` is the task it began with. Read before FALL changes those rows.
 */
const FALLEN = `
  fallen (id, state, cause, fell, needless) AS (
    SELECT tasks.id, tasks.state, tasks.id, 0, 0 FROM json_each(?1) AS e JOIN tasks ON tasks.id = e.value ->> 0
    WHERE tasks.state = e.value ->> 1
    UNION
    SELECT edges.child_id, CASE WHEN fallen.state = 'SUCCESS' THEN 'REVOKED' ELSE fallen.state END, fallen.cause, 1,
           fallen.needless OR fallen.state = 'SUCCESS'
    FROM fallen JOIN edges ON edges.parent_id = fallen.id JOIN tasks ON tasks.id = edges.child_id
    WHERE tasks.state = 'WAITING'
      AND (fallen.needless OR edges.runs_on = CASE WHEN fallen.state = 'SUCCESS' THEN 'failure' ELSE 'success' END)
  )`;

/** Parents that count as done for a child: they ended the way it runs on. */
const RELEASE = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET
    open_parents = open_parents - done.parents,
    state = CASE WHEN open_parents <= done.parents THEN 'PENDING' ELSE state END,
    due_at = max(due_at, ?2), wake_at = max(due_at, ?2) + ?3
  FROM (
    SELECT edges.child_id, count(DISTINCT fallen.id) AS parents FROM fallen JOIN edges ON edges.parent_id = fallen.id
    WHERE NOT fallen.needless
      AND (edges.runs_on = 'any' OR edges.runs_on = CASE WHEN fallen.state = 'SUCCESS' THEN 'success' ELSE 'failure' END)
    GROUP BY edges.child_id
  ) AS done
  WHERE tasks.id = done.child_id AND +tasks.state = 'WAITING'
  RETURNING tasks.id, name, queue, due_at AS dueAt, state AS released`;

/** Progress of the workflows concerned. */
const COUNT = `
  WITH RECURSIVE ${FALLEN}
  UPDATE workflows SET done = done + ended.tasks
  FROM (
    SELECT tasks.workflow_id, count(DISTINCT fallen.id) AS tasks FROM fallen JOIN tasks ON tasks.id = fallen.id
    GROUP BY tasks.workflow_id
  ) AS ended
  WHERE workflows.id = ended.workflow_id`;

const FALL = `
  WITH RECURSIVE ${FALLEN}
  UPDATE tasks SET state = lost.state, finished_at = ?2, error = json_object(
    'code', CASE WHEN lost.needless THEN 'not_needed' ELSE 'dependency' END,
    'type', CASE WHEN lost.needless THEN 'NotNeeded' ELSE 'DependencyError' END,
    'message', CASE WHEN lost.needless THEN 'the task it was to run after the failure of did not fail'
      ELSE 'Dependency ' || lost.cause || ' raised ' || lost.reason END)
  FROM (
    SELECT fallen.id, min(fallen.state) AS state, min(fallen.cause) AS cause, cause.state = 'SUCCESS' AS needless,
           coalesce(cause.error ->> 'type' || ': ' || (cause.error ->> 'message'), 'nothing') AS reason
    FROM fallen JOIN tasks AS cause ON cause.id = fallen.cause WHERE fallen.fell GROUP BY fallen.id
  ) AS lost
  WHERE tasks.id = lost.id AND +tasks.state = 'WAITING'`;

/** The statements, in their order. They belong behind the one that made the tasks final; `releasedOf` reads the batch's results. */
export function releaseStatements(engine: Engine, ended: readonly EndedTask[]): D1PreparedStatement[] {
  const set = JSON.stringify(ended.map(({ id, state }) => [id, state]));
  const now = engine.clock.now();
  return [
    engine.db.prepare(RELEASE).bind(set, now, engine.settings.ringGraceSeconds * 1000),
    engine.db.prepare(COUNT).bind(set),
    engine.db.prepare(FALL).bind(set, now),
  ];
}

/** The tasks that a batch with `releaseStatements` released. */
export function releasedOf(results: readonly D1Result[]): ReleasedTask[] {
  const rows = results.flatMap((result) => (result.results ?? []) as (ReleasedTask & { released?: string })[]);
  return rows
    .filter(({ released }) => released === 'PENDING')
    .map(({ id, name, queue, dueAt }) => ({ id, name, queue, dueAt }));
}
