// One task by id: one row read.
import type { Engine } from '../engine.ts';
import { read } from './commit.ts';
import { TASK_COLUMNS, type Task, type TaskRow, toTask } from './rows.ts';

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(
    engine,
    engine.db.prepare(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`).bind(id),
  );
  return row && toTask(row);
}
