// Finds and deletes what is older than its retention, in bounded portions.
import type { Engine } from '../engine.ts';
import { QUEUE_NAMES } from '../queues.ts';
import type { FinalState } from '../state.ts';
import { Batch, read } from './batch.ts';
import { PRUNE_BATCHES } from './task-batches.ts';
import { deletionsOf } from './task-belongings.ts';
import { PERIOD_SECONDS } from './task-stats.ts';

export interface PrunableTask {
  id: string;
  inputKey: string | null;
  resultKey: string | null;
}

/**
 * A task that holds a dedupe key for a fixed time is kept until that time has passed: duplicates answer with it. `id < ?2`
 * bounds the index range to tasks created before the cutoff; some of those finished after it and are kept.
 */
export const prunableSql = (queues: readonly string[]): string => `
  SELECT id, input_key AS inputKey, result_key AS resultKey FROM tasks INDEXED BY tasks_status
  WHERE state = ?1 AND state <> 'STARTED' AND queue IN (${queues.map((queue) => `'${queue}'`).join(', ')}) AND id < ?2 AND finished_at < ?3
    AND workflow_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM task_keys WHERE task_id = tasks.id AND expires_at > ?5 AND until = 'forever')
  LIMIT ?4`;
const PRUNABLE = prunableSql(QUEUE_NAMES);

export async function findPrunable(
  engine: Engine,
  state: FinalState,
  cutoff: { id: string; at: number },
  limit: number,
): Promise<PrunableTask[]> {
  return read<PrunableTask>(engine, PRUNABLE, state, cutoff.id, cutoff.at, limit, engine.clock.now());
}

/** Deletes the tasks with everything that belongs to them, in one transaction. */
export async function deleteTasks(engine: Engine, ids: readonly string[]): Promise<void> {
  const batch = new Batch(engine);
  const set = JSON.stringify(ids);
  for (const sql of deletionsOf('SELECT value FROM json_each(?1)')) batch.add(sql, set);
  batch.add('DELETE FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NOT NULL', set);
  await batch.commit({ repeatable: true });
}

const PRUNABLE_WORKFLOWS = `
  SELECT workflows.id FROM workflows JOIN tasks ON tasks.id = result_task_id
  WHERE workflows.id < ?1 AND done >= total AND tasks.finished_at < ?2 ORDER BY workflows.id LIMIT ?3`;

/** Workflows in which every task is final and whose result task ended before the cutoff. */
export async function findPrunableWorkflows(
  engine: Engine,
  cutoff: { id: string; at: number },
  limit: number,
): Promise<string[]> {
  const rows = await read<{ id: string }>(engine, PRUNABLE_WORKFLOWS, cutoff.id, cutoff.at, limit);
  return rows.map(({ id }) => id);
}

const MEMBERS = 'SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1';

/** The payloads of a workflow's tasks. */
export async function findWorkflowPayloads(engine: Engine, workflowId: string): Promise<string[]> {
  const query = `SELECT input_key AS inputKey, result_key AS resultKey FROM tasks
    WHERE id IN (${MEMBERS}) AND (input_key IS NOT NULL OR result_key IS NOT NULL)`;
  const rows = await read<Omit<PrunableTask, 'id'>>(engine, query, workflowId);
  return rows.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]).filter((key) => key !== null);
}

/** Deletes a workflow whole: a retry of the rest would miss the deleted part. */
export async function deleteWorkflow(engine: Engine, workflowId: string): Promise<void> {
  const batch = new Batch(engine);
  const statements = [
    ...deletionsOf(MEMBERS),
    `DELETE FROM edges WHERE parent_id IN (${MEMBERS})`,
    `DELETE FROM tasks WHERE id IN (${MEMBERS})`,
    'DELETE FROM workflow_tasks WHERE workflow_id = ?1',
    'DELETE FROM workflows WHERE id = ?1',
  ];
  for (const sql of statements) batch.add(sql, workflowId);
  await batch.commit({ repeatable: true });
}

const EXPIRED_KEYS = 'DELETE FROM task_keys WHERE key IN (SELECT key FROM task_keys WHERE expires_at <= ?1 LIMIT ?2)';

/**
 * Deletes up to `limit` dedupe keys whose window has passed, counters older than `before` (epoch milliseconds), and batches
 * with smaller ids than `batchId` of which no task is left.
 */
export async function deleteExpired(engine: Engine, before: number, batchId: string, limit: number): Promise<void> {
  const batch = new Batch(engine);
  batch.add(EXPIRED_KEYS, engine.clock.now(), limit);
  batch.add(PRUNE_BATCHES, batchId, limit);
  batch.add('DELETE FROM task_stats WHERE minute < ?1', before);
  for (const seconds of PERIOD_SECONDS)
    batch.add('DELETE FROM task_periods WHERE seconds = ?2 AND start < ?1', before, seconds);
  await batch.commit({ repeatable: true });
}
