// Tasks by id: one with its payloads, or many without, with news of their steps.
import type { Engine } from '../engine.ts';
import { isFinal } from '../state.ts';
import type { StepKind } from '../steps/step.ts';
import type { StepNews } from '../steps/step-news.ts';
import type { Task, TaskSummary } from '../task.ts';
import { read } from './batch.ts';
import { parse, SUMMARY_COLUMNS, type SummaryRow, TASK_COLUMNS, type TaskRow, toSummary, toTask } from './rows.ts';
import { toWaitFacts, WAIT_COLUMNS, type WaitFacts, type WaitRow } from './wait-facts.ts';

const TASK = `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?1`;
const TASK_WITH_WAIT = `SELECT ${TASK_COLUMNS}, ${WAIT_COLUMNS} FROM tasks WHERE id = ?1`;

export async function getTask(engine: Engine, id: string): Promise<Task | undefined> {
  const [row] = await read<TaskRow>(engine, TASK, id);
  return row && toTask(row);
}

/** Of the steps of a task, those that changed last: a row of D1 has at most 2 MB. */
const MAX_NEWS = 1000;

/** Steps change while their task runs, or in the commit that makes it due. Each attempt has a `started_at` of its own. `s`: an element of ?1. */
const STEPS = `
  CASE WHEN s.value ->> 1 AND (state = 'STARTED' OR state IS NOT s.value ->> 2 OR due_at IS NOT s.value ->> 3
    OR started_at IS NOT s.value ->> 4) THEN (
    SELECT json_group_array(json_array(name, occurrence, position, kind, outcome, started_at, ended_at, until, undo)) FROM (
      SELECT * FROM task_steps WHERE task_id = tasks.id
      ORDER BY max(started_at, coalesce(ended_at, 0), coalesce(undone_at, 0)) DESC, position DESC LIMIT ${MAX_NEWS})) END`;

const FOLLOWED = `
  SELECT ${SUMMARY_COLUMNS.split(', ')
    .map((column) => `tasks.${column}`)
    .join(', ')}, ${STEPS} AS steps
  FROM json_each(?1) AS s JOIN tasks ON tasks.id = s.value ->> 0`;

export interface Wanted {
  id: string;
  withSteps: boolean;
  /** The task as it was read before: then its steps are read only if they may have changed. */
  seen?: Pick<TaskSummary, 'state' | 'dueAt' | 'startedAt'> | undefined;
}

/** `steps`: in the order in which the code asked for them; undefined: not wanted, or unchanged. */
export interface FollowedTask {
  task: TaskSummary;
  steps: StepNews[] | undefined;
}

/** Those of the tasks that exist, by id. One row read for each, and one for each step that is read. */
export async function getFollowed(engine: Engine, wanted: readonly Wanted[]): Promise<Map<string, FollowedTask>> {
  const asked = wanted.map(({ id, withSteps, seen }) => [
    id,
    withSteps ? 1 : 0,
    seen?.state,
    seen?.dueAt,
    seen?.startedAt,
  ]);
  const rows = await read<SummaryRow & { steps: string | null }>(engine, FOLLOWED, JSON.stringify(asked));
  return new Map(rows.map((row) => [row.id, { task: toSummary(row), steps: toNews(row.steps) }]));
}

type NewsRow = [string, number, number, StepKind, StepNews['outcome'], number, number?, number?, StepNews['undo']?];

function toNews(json: string | null): StepNews[] | undefined {
  return parse<NewsRow[]>(json)
    ?.sort((one, other) => one[2] - other[2])
    .map(([name, occurrence, , kind, outcome, startedAt, endedAt, until, undo]) => ({
      ...{ name, occurrence, kind, outcome, startedAt },
      ...{ endedAt: endedAt ?? undefined, until: until ?? undefined, undo: undo ?? undefined },
    }));
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
