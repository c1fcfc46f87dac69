// A page of tasks, newest first, with any filter, reading little more than the page. When no index serves a filter in order,
// several ordered index ranges ("arms") are merged, which SQLite reads lazily.
import type { Engine } from '../engine.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { STATES } from '../state.ts';
import type { TaskSummary } from '../task.ts';
import type { Page, TaskFilter } from '../task-filter.ts';
import { read } from './batch.ts';
import { firstId } from './ids.ts';
import { matchText } from './match-text.ts';
import { nest } from './nest.ts';
import { SUMMARY_COLUMNS, type SummaryRow, toSummary } from './rows.ts';
import { TASKS_OF_BATCH } from './task-batches.ts';

/** The tasks that match, newest first. */
export async function listTasks(engine: Engine, filter: TaskFilter, page: Page): Promise<TaskSummary[]> {
  const query = listQuery(engine, filter, page, QUEUE_NAMES);
  return query ? (await read<SummaryRow>(engine, query.sql, ...query.values)).map(toSummary) : [];
}

/** The statement of a page; undefined when no task can match. `queues`: all there are. */
export function listQuery(
  engine: Engine,
  filter: TaskFilter,
  page: Page,
  queues: readonly string[],
): { sql: string; values: (string | number)[] } | undefined {
  const values: (string | number)[] = [];
  const bind = (value: string | number) => `?${values.push(value)}`;
  const range: string[] = [];
  if (filter.since !== undefined) range.push(`id >= ${bind(firstId(filter.since))}`);
  if (filter.until !== undefined) range.push(`id < ${bind(firstId(filter.until))}`);
  if (page.before !== undefined) range.push(`id < ${bind(page.before)}`);
  const own = filter.name === undefined ? [] : [`name = ${bind(filter.name)}`];
  if (filter.version !== undefined) own.push(ofVersion(bind(filter.version)));
  const text = filter.text === undefined ? ANY_TEXT : matchText(namesOf(engine), filter.text);
  if (!text) return undefined;
  const sets: string[] = [];
  if (filter.tag !== undefined) sets.push(`SELECT task_id AS id FROM task_tags WHERE tag = ${bind(filter.tag)}`);
  if (filter.workflowId !== undefined)
    sets.push(`SELECT task_id AS id FROM workflow_tasks WHERE workflow_id = ${bind(filter.workflowId)}`);
  if (filter.batchId !== undefined) sets.push(TASKS_OF_BATCH(bind(filter.batchId)));
  const ofNames = nameConditions(text.names, filter, sets.length > 0, bind);
  const queries = text.ids.flatMap((ofId) =>
    ofNames.flatMap((ofName) => arms(filter, { range: [...range, ...ofId], own: [...own, ...ofName], sets }, queues)),
  );
  const ids = `${nest(queries, 'id')} ORDER BY id DESC LIMIT ${bind(page.limit)}`;
  const columns = SUMMARY_COLUMNS.split(', ').map((column) => `tasks.${column}`);
  return {
    sql: `SELECT ${columns} FROM (${ids}) AS page JOIN tasks ON tasks.id = page.id ORDER BY page.id DESC`,
    values,
  };
}

/** No index holds versions (decision 50): the rows that the other filters leave are read. */
const ofVersion = (wanted: string) => `(version ->> 'id' = ${wanted} OR version ->> 'tag' = ${wanted})`;

const ANY_TEXT: ReturnType<typeof matchText> = { names: undefined, ids: [[]] };

const namesOf = (engine: Engine) => engine.registry.all().map((definition) => definition.name);

/** More names than this are not an index range each. */
const MAX_RANGES = 40;

/** Conditions for tasks of these names, as alternatives: one per name where the index by name serves the list. */
function nameConditions(
  names: string[] | undefined,
  { state, queue }: TaskFilter,
  inSet: boolean,
  bind: (value: string) => string,
): string[][] {
  if (names === undefined) return [[]];
  if (!state && !queue && !inSet && names.length <= MAX_RANGES) return names.map((name) => [`name = ${bind(name)}`]);
  return [[`name IN (SELECT value FROM json_each(${bind(JSON.stringify(names))}))`]];
}

interface Conditions {
  /** On the id alone. */
  range: string[];
  /** On the row: the name of the definition, the version. */
  own: string[];
  /** Queries for the ids with a tag, of a workflow or of a batch. All but the last kind are ordered by a primary key. */
  sets: string[];
}

/** Queries that each yield matching ids in descending order. States and queues are our own constants, so they stand as literals. */
function arms(
  { state, queue, batchId }: TaskFilter,
  { range, own, sets }: Conditions,
  queues: readonly string[],
): string[] {
  const all = (...conditions: string[]) => conditions.join(' AND ') || 'true';
  const inQueue = queue ? [`queue = '${queue}'`] : [];
  const [first, ...others] = sets;
  if (first !== undefined) {
    const rest = [...own, ...inQueue, ...(state ? [`state = '${state}'`] : [])];
    // A batch still names tasks that were pruned: without this check they would shorten the page.
    const looks = rest.length > 0 || batchId !== undefined;
    const fits = looks ? [`EXISTS (SELECT 1 FROM tasks WHERE tasks.id = member.id AND ${all(...rest)})`] : [];
    const alsoIn = others.map((set) => `member.id IN (${set})`);
    return [`SELECT id FROM (${first}) AS member WHERE ${all(...range, ...fits, ...alsoIn)}`];
  }
  if (!state && !queue) return [`SELECT id FROM tasks WHERE ${all(...own, ...range)}`];
  const states = state ? [state] : STATES;
  return states.flatMap((one) => {
    if (one === 'STARTED') return [startedArm(queue, all(...own, ...range))];
    return (queue ? [queue] : queues).map((each) => {
      const conditions = all(`state = '${one}'`, "state <> 'STARTED'", `queue = '${each}'`, ...own, ...range);
      return `SELECT id FROM tasks INDEXED BY tasks_status WHERE ${conditions}`;
    });
  });
}

/** No index holds running tasks: the leases of their queue name them. Reads all that run there. */
function startedArm(queue: QueueName | undefined, where: string): string {
  const ofQueue = queue ? `WHERE leases.queue = '${queue}'` : '';
  const leased = `SELECT value FROM leases, json_each(leases.task_ids) ${ofQueue}`;
  return `SELECT id FROM tasks WHERE id IN (${leased}) AND +state = 'STARTED' AND ${where}`;
}
