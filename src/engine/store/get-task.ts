// One task by id, with or without its payloads: one row read.
import type { Engine } from '../engine.ts';
import { read } from './commit.ts';
import {
  SUMMARY_COLUMNS,
  type SummaryRow,
  TASK_COLUMNS,
  type Task,
  type TaskRow,
  type TaskSummary,
  toSummary,
  toTask,
} from './rows.ts';

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(
    engine,
    engine.db.prepare(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`).bind(id),
  );
  return row && toTask(row);
}

export async function getSummary(engine: Engine, id: string): Promise<TaskSummary | undefined> {
  const [row] = await read<SummaryRow>(
    engine,
    engine.db.prepare(`SELECT ${SUMMARY_COLUMNS} FROM tasks WHERE id = ?1`).bind(id),
  );
  return row && toSummary(row);
}
