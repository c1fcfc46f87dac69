// Finds and deletes tasks that are older than their retention. A walk goes through the index `tasks_status` from a cursor, so that
// tasks that are kept longer (members of workflows, holders of dedupe keys) are read once in a pass, not once in a portion.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { FinalState } from '../state.ts';
import { Batch, type Result } from './batch.ts';
import { deletionsOf, stepPayloads } from './task-belongings.ts';

/** Where a walk is: among the tasks of one state and queue, after one id. */
export interface TaskCursor {
  state: FinalState;
  queue: QueueName;
  after: string;
}

/** Tasks created before `id` and finished before `at`, in epoch milliseconds. */
export interface Cutoff {
  id: string;
  at: number;
}

const LOOKED = `
  SELECT id, finished_at, workflow_id FROM tasks INDEXED BY tasks_status
  WHERE state = ?1 AND state <> 'STARTED' AND queue = ?2 AND id > ?3 AND id < ?4 ORDER BY id LIMIT ?5`;

/** A task that holds a dedupe key for a fixed time is kept until that time has passed: duplicates answer with it. */
const PRUNABLE = `
  SELECT id FROM (${LOOKED}) AS looked
  WHERE finished_at < ?6 AND workflow_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM task_keys WHERE task_id = looked.id AND expires_at > ?7 AND until = 'forever')
  ORDER BY id LIMIT ?8`;

const END_OF_LOOKED = `SELECT count(*) AS looked, max(id) AS last FROM (${LOOKED})`;

/**
 * Looks at `look` tasks after the cursor and finds up to `limit` that may be deleted. `next`: the id after which the walk goes on;
 * undefined: there are no more tasks of this state and queue before the cutoff.
 */
export async function findPrunable(
  engine: Engine,
  { state, queue, after }: TaskCursor,
  cutoff: Cutoff,
  { look, limit }: { look: number; limit: number },
): Promise<{ ids: string[]; next: string | undefined }> {
  const batch = new Batch(engine);
  const range = [state, queue, after, cutoff.id, look];
  const found = batch.add<{ id: string }>(PRUNABLE, ...range, cutoff.at, engine.clock.now(), limit);
  const end = batch.add<{ looked: number; last: string | null }>(END_OF_LOOKED, ...range);
  await batch.commit({ repeatable: true });
  const ids = found.rows.map(({ id }) => id);
  const { looked = 0, last } = end.rows[0] ?? {};
  if (ids.length === limit) return { ids, next: ids.at(-1) };
  return { ids, next: looked < look ? undefined : (last ?? undefined) };
}

interface Deleted {
  inputKey: string | null;
  resultKey: string | null;
}

/** The payload keys that deleted rows named. */
const payloadKeysOf = (deleted: Result<Deleted>, steps: Result<{ payloadKey: string }>): string[] => [
  ...deleted.rows.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]).filter((key) => key !== null),
  ...steps.rows.map(({ payloadKey }) => payloadKey),
];

const DELETED = 'RETURNING input_key AS inputKey, result_key AS resultKey';

/**
 * Deletes those of the tasks that are final, with everything that belongs to them, in one transaction. A task that a person
 * retried since it was found is kept. Returns how many were deleted, and the payload keys that they named.
 */
export async function deleteTasks(
  engine: Engine,
  ids: readonly string[],
): Promise<{ deleted: number; payloadKeys: string[] }> {
  const batch = new Batch(engine);
  const set = JSON.stringify(ids);
  const final =
    'SELECT tasks.id FROM json_each(?1) AS wanted JOIN tasks ON tasks.id = wanted.value WHERE finished_at IS NOT NULL';
  const steps = batch.add<{ payloadKey: string }>(stepPayloads(final), set);
  for (const sql of deletionsOf(final)) batch.add(sql, set);
  const deleted = batch.add<Deleted>(`DELETE FROM tasks WHERE id IN (${final}) ${DELETED}`, set);
  await batch.commit({ repeatable: true });
  return { deleted: deleted.rows.length, payloadKeys: payloadKeysOf(deleted, steps) };
}

const LOOKED_WORKFLOWS = 'SELECT * FROM workflows WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3';

const PRUNABLE_WORKFLOWS = `
  SELECT looked.id, total FROM (${LOOKED_WORKFLOWS}) AS looked JOIN tasks ON tasks.id = result_task_id
  WHERE done >= total AND tasks.finished_at < ?4 ORDER BY looked.id`;

/**
 * Looks at `look` workflows after the id `after`, and finds those in which every task is final and whose result task ended before
 * the cutoff, with the number of their tasks. `next` as for tasks.
 */
export async function findPrunableWorkflows(
  engine: Engine,
  after: string,
  cutoff: Cutoff,
  look: number,
): Promise<{ workflows: { id: string; total: number }[]; next: string | undefined }> {
  const batch = new Batch(engine);
  const found = batch.add<{ id: string; total: number }>(PRUNABLE_WORKFLOWS, after, cutoff.id, look, cutoff.at);
  const end = batch.add<{ looked: number; last: string | null }>(
    `SELECT count(*) AS looked, max(id) AS last FROM (${LOOKED_WORKFLOWS})`,
    after,
    cutoff.id,
    look,
  );
  await batch.commit({ repeatable: true });
  const { looked = 0, last } = end.rows[0] ?? {};
  return { workflows: found.rows, next: looked < look ? undefined : (last ?? undefined) };
}

/** A workflow that a person retried since it was found is kept. */
const FINAL_WORKFLOWS =
  'SELECT workflows.id FROM json_each(?1) AS wanted JOIN workflows ON workflows.id = wanted.value WHERE done >= total';
const MEMBERS = `SELECT task_id FROM workflow_tasks WHERE workflow_id IN (${FINAL_WORKFLOWS})`;

const WORKFLOW_TAGS = `
  DELETE FROM workflow_tags WHERE (tag, workflow_id) IN (
    SELECT tag.value, workflows.id FROM workflows, json_each(workflows.tags) AS tag WHERE workflows.id IN (${FINAL_WORKFLOWS}))`;

/** Deletes the workflows whole: a retry of the rest would miss the deleted part. Returns as deleteTasks does. */
export async function deleteWorkflows(
  engine: Engine,
  ids: readonly string[],
): Promise<{ deleted: number; payloadKeys: string[] }> {
  const batch = new Batch(engine);
  const set = JSON.stringify(ids);
  const steps = batch.add<{ payloadKey: string }>(stepPayloads(MEMBERS), set);
  for (const sql of [...deletionsOf(MEMBERS), `DELETE FROM edges WHERE parent_id IN (${MEMBERS})`]) batch.add(sql, set);
  const deleted = batch.add<Deleted>(`DELETE FROM tasks WHERE id IN (${MEMBERS}) ${DELETED}`, set);
  batch.add(`DELETE FROM workflow_tasks WHERE workflow_id IN (${FINAL_WORKFLOWS})`, set);
  batch.add(WORKFLOW_TAGS, set);
  const workflows = batch.add(`DELETE FROM workflows WHERE id IN (${FINAL_WORKFLOWS})`, set);
  await batch.commit({ repeatable: true });
  return { deleted: workflows.changes, payloadKeys: payloadKeysOf(deleted, steps) };
}
