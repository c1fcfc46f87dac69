// Tasks by id: one with its payloads, or many without.
import type { Engine } from '../engine.ts';
import { isFinal } from '../state.ts';
import type { Task, TaskSummary } from '../task.ts';
import { read } from './batch.ts';
import { SUMMARY_COLUMNS, type SummaryRow, TASK_COLUMNS, type TaskRow, toSummary, toTask } from './rows.ts';
import { toWaitFacts, WAIT_COLUMNS, type WaitFacts, type WaitRow } from './wait-facts.ts';

const TASK = `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`;
const TASK_WITH_WAIT = `SELECT ${TASK_COLUMNS}, ${WAIT_COLUMNS} FROM tasks WHERE id = ?1`;

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(engine, TASK, id);
  return row && toTask(row);
}

/** Those of the tasks that exist, by id. One row read for each. */
export async function getSummaries(engine: Engine, ids: readonly string[]): Promise<Map<string, TaskSummary>> {
  const sql = `SELECT ${SUMMARY_COLUMNS} FROM tasks WHERE id IN (SELECT value FROM json_each(?1))`;
  const rows = await read<SummaryRow>(engine, sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, toSummary(row)]));
}

/** The task and, while it waits, the facts about its wait. */
export async function getTaskWithWait(
  engine: Engine,
  id: string,
): Promise<{ task: Task; facts: WaitFacts | undefined } | undefined> {
  const [row] = await read<TaskRow & WaitRow>(engine, TASK_WITH_WAIT, id, engine.clock.now());
  if (!row) return undefined;
  const waits = row.state !== 'STARTED' && !isFinal(row.state);
  return { task: toTask(row), facts: waits ? toWaitFacts(row) : undefined };
}
