// What belongs to a task beside its row: the one list that pruning and every retry use. To add a table of rows about tasks,
// add it here.

/** Rows that go when their task is deleted. `ids`: a query for the ids of the tasks. Tasks and tags come last: tags are found through tasks. */
export const deletionsOf = (ids: string): string[] => [
  `DELETE FROM attempts WHERE task_id IN (${ids})`,
  `DELETE FROM task_steps WHERE task_id IN (${ids})`,
  `DELETE FROM task_keys WHERE task_id IN (${ids})`,
  `DELETE FROM task_tags WHERE (tag, task_id) IN (
     SELECT tag.value, tasks.id FROM tasks, json_each(tasks.tags) AS tag WHERE tasks.id IN (${ids}))`,
];

/** The payload keys that the steps of tasks name: rows of `payloadKey`. `ids`: a query for the ids of the tasks. */
export const stepPayloads = (ids: string): string =>
  `SELECT result_key AS payloadKey FROM task_steps WHERE task_id IN (${ids}) AND result_key IS NOT NULL`;

/** The payload keys that a task's row may name. */
export const PAYLOAD_COLUMNS = ['input_key', 'result_key'] as const;

/** What a retry by hand sets back: everything that the attempts so far have left in the row. */
export const RESET_COLUMNS = `attempt = 0, crashes = 0, result = NULL, result_key = NULL, error = NULL, progress = NULL,
    expires_at = NULL, started_at = NULL, finished_at = NULL, paced_from = NULL,
    undoing = NULL, deadline_at = NULL, keeps_place = 0`;

/**
 * Gives the latest attempt, of which only the task's row tells, a row of its own before a retry resets the task's row.
 * `source`: FROM and WHERE clauses of the tasks to retry.
 */
export const keepLatestAttempts = (source: string): string => `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, version, batch)
  SELECT tasks.id, fence, state, started_at, finished_at, error, version, CASE WHEN state = 'SUCCESS' THEN batch END ${source} AND started_at IS NOT NULL
  ON CONFLICT DO NOTHING`;

/**
 * Forgets what a retry by hand is to try again: steps that failed, timed out or were undone. `source` as above.
 */
export const forgetFailedSteps = (source: string): string => `
  DELETE FROM task_steps WHERE task_id IN (SELECT tasks.id ${source})
    AND (outcome = 'failed' OR outcome = 'timed_out' OR undo = 'done' OR undo = 'failed')`;

/** The payload keys of results that a retry leaves behind: rows of `payloadKey`. */
export const resultPayloads = (source: string): string =>
  `SELECT result_key AS payloadKey ${source} AND result_key IS NOT NULL`;
