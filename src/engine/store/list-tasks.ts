// A page of tasks, newest first, with any filter, reading little more than the page. A filter that no index serves in
// order is answered by merging several ordered index ranges ("arms"), which SQLite reads lazily.
import type { Engine } from '../engine.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import { STATES, type State } from '../state.ts';
import { read } from './commit.ts';
import { firstId } from './ids.ts';
import { SUMMARY_COLUMNS, type SummaryRow, type TaskSummary, toSummary } from './rows.ts';

export interface TaskFilter {
  state?: State | undefined;
  name?: string | undefined;
  queue?: QueueName | undefined;
  tag?: string | undefined;
  /** Created at or after, epoch milliseconds. */
  since?: number | undefined;
  /** Created before, epoch milliseconds. */
  until?: number | undefined;
}

export interface Page {
  limit: number;
  /** Only tasks with smaller ids: where the page before this one ended. */
  before: string | undefined;
}

/** The tasks that match, newest first. */
export async function listTasks(engine: Engine, filter: TaskFilter, page: Page): Promise<TaskSummary[]> {
  const parameters: (string | number)[] = [];
  const bind = (value: string | number) => `?${parameters.push(value)}`;
  const conditions: string[] = [];
  if (filter.name !== undefined) conditions.push(`name = ${bind(filter.name)}`);
  if (filter.since !== undefined) conditions.push(`id >= ${bind(firstId(filter.since))}`);
  if (filter.until !== undefined) conditions.push(`id < ${bind(firstId(filter.until))}`);
  if (page.before !== undefined) conditions.push(`id < ${bind(page.before)}`);
  const tag = filter.tag === undefined ? undefined : bind(filter.tag);
  const ids = merge(arms(filter, conditions, tag), bind(page.limit));
  const columns = SUMMARY_COLUMNS.split(', ').map((column) => `tasks.${column}`);
  const sql = `SELECT ${columns} FROM (${ids}) AS page JOIN tasks ON tasks.id = page.id ORDER BY page.id DESC`;
  return (await read<SummaryRow>(engine, engine.db.prepare(sql).bind(...parameters))).map(toSummary);
}

/** Queries that each yield matching ids in descending order. States and queues are our own constants, so they stand as literals. */
function arms({ state, queue }: TaskFilter, conditions: string[], tag: string | undefined): string[] {
  const where = (...more: string[]) => [...more, ...conditions].join(' AND ') || 'true';
  if (tag !== undefined) {
    const chosen = [...(state ? [`state = '${state}'`] : []), ...(queue ? [`queue = '${queue}'`] : [])];
    return [`SELECT id FROM task_tags JOIN tasks ON id = task_id WHERE ${where(`tag = ${tag}`, ...chosen)}`];
  }
  if (!state && !queue) return [`SELECT id FROM tasks WHERE ${where()}`];
  const states = state ? [state] : STATES;
  return states.flatMap((one) => {
    if (one === 'STARTED') return [startedArm(where(...(queue ? [`queue = '${queue}'`] : [])))];
    return (queue ? [queue] : QUEUES).map(
      (lane) =>
        `SELECT id FROM tasks INDEXED BY tasks_status WHERE ${where(`state = '${one}'`, "state <> 'STARTED'", `queue = '${lane}'`)}`,
    );
  });
}

/** Running tasks are not in an index of their own: the leases name them. */
function startedArm(where: string): string {
  const leased = 'SELECT value FROM leases, json_each(leases.task_ids)';
  return `SELECT id FROM tasks WHERE id IN (${leased}) AND +state = 'STARTED' AND ${where}`;
}

/** D1 allows five terms in a compound SELECT, so arms are merged in groups, and the groups again. */
const TERMS = 5;

function merge(queries: string[], limit: string): string {
  const groups: string[] = [];
  for (let at = 0; at < queries.length; at += TERMS) {
    const group = queries.slice(at, at + TERMS).join(' UNION ALL ');
    groups.push(`SELECT id FROM (${group} ORDER BY id DESC LIMIT ${limit})`);
  }
  return groups.length === 1 ? (groups[0] ?? '') : merge(groups, limit);
}
