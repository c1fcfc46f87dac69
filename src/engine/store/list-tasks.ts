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
  /** A part of a known name, or the beginning of an id. */
  text?: string | undefined;
  workflowId?: string | undefined;
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
  const range: string[] = [];
  if (filter.since !== undefined) range.push(`id >= ${bind(firstId(filter.since))}`);
  if (filter.until !== undefined) range.push(`id < ${bind(firstId(filter.until))}`);
  if (page.before !== undefined) range.push(`id < ${bind(page.before)}`);
  const name = filter.name === undefined ? [] : [`name = ${bind(filter.name)}`];
  const texts = filter.text === undefined ? [[]] : textConditions(engine, filter.text, bind);
  if (texts.length === 0) return [];
  const sets: string[] = [];
  if (filter.tag !== undefined) sets.push(`SELECT task_id AS id FROM task_tags WHERE tag = ${bind(filter.tag)}`);
  if (filter.workflowId !== undefined)
    sets.push(`SELECT task_id AS id FROM workflow_tasks WHERE workflow_id = ${bind(filter.workflowId)}`);
  const queries = texts.flatMap((text) => arms(filter, { range: [...range, ...text], name, sets }));
  const ids = merge(queries, bind(page.limit));
  const columns = SUMMARY_COLUMNS.split(', ').map((column) => `tasks.${column}`);
  const sql = `SELECT ${columns} FROM (${ids}) AS page JOIN tasks ON tasks.id = page.id ORDER BY page.id DESC`;
  return (await read<SummaryRow>(engine, engine.db.prepare(sql).bind(...parameters))).map(toSummary);
}

/** Names beyond so many are not looked for: each is an index range of its own. */
const MAX_NAMES = 8;

/** Each way to fit the text, as conditions; none: nothing can. */
function textConditions(engine: Engine, text: string, bind: (value: string) => string): string[][] {
  const wanted = text.toLowerCase();
  const names = engine.registry.all().filter((definition) => definition.name.includes(wanted));
  const ways = names.slice(0, MAX_NAMES).map((definition) => [`name = ${bind(definition.name)}`]);
  // Ids are hexadecimal: 'g' comes after whatever may follow.
  if (/^[0-9a-f]{4}[0-9a-f-]*$/.test(wanted)) ways.push([`id >= ${bind(wanted)}`, `id < ${bind(`${wanted}g`)}`]);
  return ways;
}

interface Conditions {
  range: string[];
  name: string[];
  /** Queries for the ids that a tag or a workflow leaves, each ordered by its primary key. */
  sets: string[];
}

/** Queries that each yield matching ids in descending order. States and queues are our own constants, so they stand as literals. */
function arms({ state, queue }: TaskFilter, { range, name, sets }: Conditions): string[] {
  const all = (...conditions: string[]) => conditions.join(' AND ') || 'true';
  const lane = queue ? [`queue = '${queue}'`] : [];
  const [first, ...others] = sets;
  if (first !== undefined) {
    const rest = [...name, ...lane, ...(state ? [`state = '${state}'`] : [])];
    const fits = rest.length > 0 ? [`EXISTS (SELECT 1 FROM tasks WHERE tasks.id = member.id AND ${all(...rest)})`] : [];
    const alsoIn = others.map((set) => `member.id IN (${set})`);
    return [`SELECT id FROM (${first}) AS member WHERE ${all(...range, ...fits, ...alsoIn)}`];
  }
  if (!state && !queue) return [`SELECT id FROM tasks WHERE ${all(...name, ...range)}`];
  const states = state ? [state] : STATES;
  return states.flatMap((one) => {
    if (one === 'STARTED') return [startedArm(queue, all(...name, ...range))];
    return (queue ? [queue] : QUEUES).map((each) => {
      const conditions = all(`state = '${one}'`, "state <> 'STARTED'", `queue = '${each}'`, ...name, ...range);
      return `SELECT id FROM tasks INDEXED BY tasks_status WHERE ${conditions}`;
    });
  });
}

/** Running tasks are not in an index of their own: the leases of their lane name them. Reads all that run there. */
function startedArm(queue: QueueName | undefined, where: string): string {
  const lane = queue ? `WHERE leases.queue = '${queue}'` : '';
  const leased = `SELECT value FROM leases, json_each(leases.task_ids) ${lane}`;
  return `SELECT id FROM tasks WHERE id IN (${leased}) AND +state = 'STARTED' AND ${where}`;
}

/** D1 allows five terms in a compound SELECT; SQLite flattens nested ones and merges all arms at once. */
const TERMS = 5;

function merge(queries: string[], limit: string): string {
  return `${nest(queries)} ORDER BY id DESC LIMIT ${limit}`;
}

function nest(queries: string[]): string {
  if (queries.length <= TERMS) return queries.join(' UNION ALL ');
  const groups: string[] = [];
  for (let at = 0; at < queries.length; at += TERMS) {
    groups.push(`SELECT id FROM (${queries.slice(at, at + TERMS).join(' UNION ALL ')})`);
  }
  return nest(groups);
}
