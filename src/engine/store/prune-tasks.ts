// Finds and deletes what is older than its retention, in bounded portions.
import type { Engine } from '../engine.ts';
import { QUEUES } from '../queues.ts';
import type { FinalState } from '../state.ts';
import { commit, read } from './commit.ts';
import { PERIOD_SECONDS } from './task-stats.ts';

export interface PrunableTask {
  id: string;
  inputKey: string | null;
  resultKey: string | null;
}

const lanes = QUEUES.map((queue) => `'${queue}'`).join(', ');

/** A task whose key is held for a time is kept until that has passed, whatever its age: duplicates answer with it. `id < ?2` bounds the index range to tasks created before the cutoff; some of those finished after it and are kept. */
const PRUNABLE = `
  SELECT id, input_key AS inputKey, result_key AS resultKey FROM tasks INDEXED BY tasks_status
  WHERE state = ?1 AND state <> 'STARTED' AND queue IN (${lanes}) AND id < ?2 AND finished_at < ?3
    AND workflow_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM task_keys WHERE task_id = tasks.id AND expires_at > ?5 AND until = 'forever')
  LIMIT ?4`;

export async function findPrunable(
  engine: Engine,
  state: FinalState,
  cutoff: { id: string; at: number },
  limit: number,
): Promise<PrunableTask[]> {
  return read<PrunableTask>(
    engine,
    engine.db.prepare(PRUNABLE).bind(state, cutoff.id, cutoff.at, limit, engine.clock.now()),
  );
}

/** Deletes the tasks with everything that hangs on them, in one transaction. */
export async function deleteTasks(engine: Engine, ids: readonly string[]): Promise<void> {
  const set = JSON.stringify(ids);
  const tags = `
    DELETE FROM task_tags WHERE (tag, task_id) IN (
      SELECT tag.value, tasks.id FROM json_each(?1) AS i JOIN tasks ON tasks.id = i.value, json_each(tasks.tags) AS tag)`;
  await commit(
    engine,
    [
      engine.db.prepare(tags).bind(set),
      engine.db.prepare('DELETE FROM attempts WHERE task_id IN (SELECT value FROM json_each(?1))').bind(set),
      engine.db.prepare('DELETE FROM task_keys WHERE task_id IN (SELECT value FROM json_each(?1))').bind(set),
      engine.db
        .prepare('DELETE FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NOT NULL')
        .bind(set),
    ],
    { repeatable: true },
  );
}

const PRUNABLE_WORKFLOWS = `
  SELECT workflows.id FROM workflows JOIN tasks ON tasks.id = result_task_id
  WHERE workflows.id < ?1 AND done >= total AND tasks.finished_at < ?2 ORDER BY workflows.id LIMIT ?3`;

/** Workflows of which every task has ended, and the result long ago. */
export async function findPrunableWorkflows(
  engine: Engine,
  cutoff: { id: string; at: number },
  limit: number,
): Promise<string[]> {
  const rows = await read<{ id: string }>(
    engine,
    engine.db.prepare(PRUNABLE_WORKFLOWS).bind(cutoff.id, cutoff.at, limit),
  );
  return rows.map(({ id }) => id);
}

const MEMBERS = 'SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1';

/** The payloads of a workflow's tasks. */
export async function findWorkflowPayloads(engine: Engine, workflowId: string): Promise<string[]> {
  const query = `SELECT input_key AS inputKey, result_key AS resultKey FROM tasks
    WHERE id IN (${MEMBERS}) AND (input_key IS NOT NULL OR result_key IS NOT NULL)`;
  const rows = await read<Omit<PrunableTask, 'id'>>(engine, engine.db.prepare(query).bind(workflowId));
  return rows.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]).filter((key) => key !== null);
}

/** Deletes a workflow whole: a part of it would be missing when the rest is retried. */
export async function deleteWorkflow(engine: Engine, workflowId: string): Promise<void> {
  const statements = [
    `DELETE FROM task_tags WHERE (tag, task_id) IN (
       SELECT tag.value, tasks.id FROM tasks, json_each(tasks.tags) AS tag WHERE tasks.id IN (${MEMBERS}))`,
    `DELETE FROM attempts WHERE task_id IN (${MEMBERS})`,
    `DELETE FROM edges WHERE parent_id IN (${MEMBERS})`,
    `DELETE FROM tasks WHERE id IN (${MEMBERS})`,
    'DELETE FROM workflow_tasks WHERE workflow_id = ?1',
    'DELETE FROM workflows WHERE id = ?1',
  ];
  await commit(
    engine,
    statements.map((sql) => engine.db.prepare(sql).bind(workflowId)),
    { repeatable: true },
  );
}

/** Deletes keys whose window has passed and counters older than `before`. */
export async function deleteExpired(engine: Engine, before: number, limit: number): Promise<void> {
  await commit(
    engine,
    [
      engine.db
        .prepare('DELETE FROM task_keys WHERE key IN (SELECT key FROM task_keys WHERE expires_at <= ?1 LIMIT ?2)')
        .bind(engine.clock.now(), limit),
      engine.db.prepare('DELETE FROM task_stats WHERE minute < ?1').bind(before),
      ...PERIOD_SECONDS.map((seconds) =>
        engine.db.prepare('DELETE FROM task_periods WHERE seconds = ?2 AND start < ?1').bind(before, seconds),
      ),
    ],
    { repeatable: true },
  );
}
