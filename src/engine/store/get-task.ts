// Tasks by id: one with its payloads, or many without.
import type { Engine } from '../engine.ts';
import type { Task, TaskSummary } from '../task.ts';
import { read } from './batch.ts';
import { SUMMARY_COLUMNS, type SummaryRow, TASK_COLUMNS, type TaskRow, toSummary, toTask } from './rows.ts';

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(engine, `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`, id);
  return row && toTask(row);
}

/** Those of the tasks that exist, by id. One row read for each. */
export async function getSummaries(engine: Engine, ids: readonly string[]): Promise<Map<string, TaskSummary>> {
  const sql = `SELECT ${SUMMARY_COLUMNS} FROM tasks WHERE id IN (SELECT value FROM json_each(?1))`;
  const rows = await read<SummaryRow>(engine, sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, toSummary(row)]));
}
