// How the parents of a task ended, in the order of their positions: read once, when the task runs. One query serves the tasks that
// start together.
import type { Engine } from '../engine.ts';
import type { RunsOn } from '../new-task.ts';
import { checkOut } from '../payloads.ts';
import type { TaskError } from '../task.ts';
import type { ParentOutcome } from '../workflow/receive.ts';
import { read } from './batch.ts';
import { toPayload } from './rows.ts';

const COLUMNS = `tasks.id, result, result_key, error, state = 'REVOKED' AND error ->> 'code' = 'not_needed' AS notNeeded,
  runs_on AS runsOn, label`;

const PARENTS_OF_ONE = `
  SELECT ${COLUMNS} FROM edges JOIN tasks ON tasks.id = edges.parent_id
  WHERE edges.child_id = ?1 AND edges.position >= ?2 ORDER BY edges.position LIMIT ?3`;

const PARENTS_OF_ALL = `
  SELECT child_id AS childId, ${COLUMNS}
  FROM json_each(?1) AS wanted CROSS JOIN edges ON edges.child_id = wanted.value JOIN tasks ON tasks.id = edges.parent_id
  ORDER BY wanted.key, edges.position LIMIT ?2`;

/** D1 answers with at most some megabytes; a row's result has at most 32 KiB. */
const PORTION = 1000;

interface ParentRow {
  id: string;
  result: string | null;
  result_key: string | null;
  error: string | null;
  notNeeded: number | null;
  runsOn: RunsOn;
  label: string | null;
}

interface Wanted extends PromiseWithResolvers<ParentRow[]> {
  taskId: string;
}

/** What is asked for in the current turn of the event loop. */
const wantedNow = new WeakMap<Engine, Wanted[]>();

export async function findParents(engine: Engine, taskId: string): Promise<ParentOutcome[]> {
  const wanted: Wanted = { taskId, ...Promise.withResolvers<ParentRow[]>() };
  const others = wantedNow.get(engine);
  if (others) others.push(wanted);
  else {
    const all = [wanted];
    wantedNow.set(engine, all);
    void answerTogether(engine, all);
  }
  const parents: ParentOutcome[] = [];
  for (const row of await wanted.promise) parents.push(await toOutcome(engine, row));
  return parents;
}

/** Tasks that an invocation starts together ask within this many steps of one turn. */
const STEPS = 10;

/** Waits in steps of the same turn only: a later turn may belong to another request, which must not wait for the I/O of this one. */
async function answerTogether(engine: Engine, all: readonly Wanted[]): Promise<void> {
  for (let step = 0; step < STEPS; step++) await undefined;
  wantedNow.delete(engine);
  try {
    await answer(engine, all);
  } catch (error) {
    for (const { reject } of all) reject(error);
  }
}

/** Reads for half of them at a time where one answer cannot hold the rows of all. */
async function answer(engine: Engine, all: readonly Wanted[]): Promise<void> {
  const [first] = all;
  if (first && all.length === 1) return first.resolve(await readOne(engine, first.taskId));
  const ids = all.map(({ taskId }) => taskId);
  const rows = await read<ParentRow & { childId: string }>(engine, PARENTS_OF_ALL, JSON.stringify(ids), PORTION);
  if (rows.length === PORTION) {
    const half = Math.ceil(all.length / 2);
    await answer(engine, all.slice(0, half));
    return answer(engine, all.slice(half));
  }
  const byTask = new Map<string, ParentRow[]>(ids.map((id) => [id, []]));
  for (const row of rows) byTask.get(row.childId)?.push(row);
  for (const { taskId, resolve } of all) resolve(byTask.get(taskId) ?? []);
}

async function readOne(engine: Engine, taskId: string): Promise<ParentRow[]> {
  const parents: ParentRow[] = [];
  for (let from = 0; ; from += PORTION) {
    const rows = await read<ParentRow>(engine, PARENTS_OF_ONE, taskId, from, PORTION);
    parents.push(...rows);
    if (rows.length < PORTION) return parents;
  }
}

async function toOutcome(engine: Engine, row: ParentRow): Promise<ParentOutcome> {
  const payload = toPayload(row.result, row.result_key);
  return {
    taskId: row.id,
    result: payload ? JSON.parse(await checkOut(engine, payload)) : null,
    error: row.error === null ? undefined : (JSON.parse(row.error) as TaskError),
    wasNeeded: row.notNeeded !== 1,
    runsOn: row.runsOn,
    label: row.label,
  };
}
