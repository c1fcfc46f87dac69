// One task by id, with or without its payloads: one row read.
import type { Engine } from '../engine.ts';
import type { Task, TaskSummary } from '../task.ts';
import { read } from './batch.ts';
import { SUMMARY_COLUMNS, type SummaryRow, TASK_COLUMNS, type TaskRow, toSummary, toTask } from './rows.ts';

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(engine, `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`, id);
  return row && toTask(row);
}

export async function getSummary(engine: Engine, id: string): Promise<TaskSummary | undefined> {
  const [row] = await read<SummaryRow>(engine, `SELECT ${SUMMARY_COLUMNS} FROM tasks WHERE id = ?1`, id);
  return row && toSummary(row);
}
