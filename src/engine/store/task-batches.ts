// Batches: the tasks that one call enqueued together, under one id. A batch has a row for up to 2,000 of its tasks.
import type { NewTask } from '../new-task.ts';
import type { Batch } from './batch.ts';
import { jsonSets } from './json-sets.ts';

const INSERT = 'INSERT INTO task_batches (id, part, task_ids) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING';

/** A task whose dedupe key another task holds is a duplicate: that other task stands in for it, as it does in the receipt. */
const INSERT_KEYED = `
  INSERT INTO task_batches (id, part, task_ids)
  SELECT ?1, ?2, json_group_array(coalesce((
    SELECT held.task_id FROM json_each(wanted.value ->> 1) AS name JOIN task_keys AS held ON held.key = name.value
    WHERE held.task_id <> wanted.value ->> 0 ORDER BY name.key LIMIT 1), wanted.value ->> 0))
  FROM json_each(?3) AS wanted WHERE true
  ON CONFLICT DO NOTHING`;

/** Adds the statements that name `tasks` as the batch `id`. They must follow those that insert the tasks. Repeatable. */
export function insertTaskBatch(batch: Batch, id: string, tasks: readonly NewTask[]): void {
  const isKeyed = tasks.some(({ dedupeKeys }) => dedupeKeys.length > 0);
  const rows = tasks.map((task) =>
    isKeyed ? JSON.stringify([task.id, task.dedupeKeys.map(({ key }) => key)]) : `"${task.id}"`,
  );
  for (const [part, { json }] of jsonSets(rows).entries()) batch.add(isKeyed ? INSERT_KEYED : INSERT, id, part, json);
}

/** A query for the ids of a batch's tasks, those that were pruned among them. `id`: the parameter with the batch's id. */
export const TASKS_OF_BATCH = (id: string): string =>
  `SELECT DISTINCT member.value AS id FROM task_batches, json_each(task_ids) AS member WHERE task_batches.id = ${id}`;

/** Up to ?4 rows of batches after part ?2 of the batch ?1, and before the batch ?3. */
const LOOKED = `
  SELECT id, part, task_ids FROM task_batches WHERE (id, part) > (?1, ?2) AND id < ?3 ORDER BY id, part LIMIT ?4`;

/** The rows that PRUNE_BATCHES looks at. */
export const LOOK_AT_BATCHES = `SELECT id, part FROM (${LOOKED})`;

/** Deletes those of the rows whose tasks were all pruned. */
export const PRUNE_BATCHES = `
  DELETE FROM task_batches WHERE (id, part) IN (
    SELECT id, part FROM (${LOOKED}) AS looked
    WHERE NOT EXISTS (SELECT 1 FROM json_each(looked.task_ids) AS member JOIN tasks ON tasks.id = member.value))`;
