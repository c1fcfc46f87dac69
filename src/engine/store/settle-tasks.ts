// One batch ends the attempts of any number of tasks: counters, history and states together, each only where the fence
// still holds. Repeatable: whatever a first run settled, a second one finds no longer STARTED.
import type { Engine, LiveEvent } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Progress } from '../task.ts';
import { read } from './commit.ts';
import { countFailures, countOutcomes, INCOMPLETE } from './count-outcomes.ts';
import { jsonSets } from './json-sets.ts';
import { type FreedPlace, nextForPlaces } from './next-for-places.ts';
import {
  type EndedTask,
  type ReleasedTask,
  releasedOf,
  releaseEvents,
  releaseStatements,
} from './release-dependants.ts';
import type { Attempt, LogLine, Payload, TaskError } from './rows.ts';
import { commitWatched } from './watchers.ts';

/** How one attempt ended. */
export interface Settlement {
  id: string;
  name: string;
  queue: QueueName;
  workflowId: string | undefined;
  /** The place it gives back is another's now. */
  concurrencyKey: string | undefined;
  /** It was claimed before it started, so that its row does not know when that was. */
  slot: number | undefined;
  fence: number;
  /** What the task becomes. */
  state: 'SUCCESS' | 'FAILURE' | 'RETRY' | 'REVOKED';
  /** What the attempt was: SNOOZED consumes none. */
  outcome: Exclude<Attempt['outcome'], 'STARTED' | 'CRASHED'>;
  result: Payload | undefined;
  error: TaskError | undefined;
  /** undefined: as last written. */
  progress: Progress | undefined;
  logs: LogLine[];
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt: number;
  /** When this attempt was due: from then on it waited. */
  dueAtStart: number;
  /** For RETRY: when it may start again, and when the sweep looks at it. */
  dueAt: number | undefined;
  wakeAt: number | undefined;
}

/**
 * Settles what is still held; a settlement whose fence was overtaken changes nothing. Each set is all or none, so that it
 * can be counted without reading it; a set with a lost task in it is settled again without that one.
 * Returns the tasks of workflows that may start now. Throws EngineError `store_unavailable`.
 */
export async function settleTasks(engine: Engine, settlements: readonly Settlement[]): Promise<ReleasedTask[]> {
  let held = settlements;
  while (held.length > 0) {
    try {
      const settled = held;
      const statements = settleStatements(engine, settled);
      const eventsOf = (results: readonly D1Result[]) => [
        ...settled.map(toEvent),
        ...releaseEvents(results, engine.clock.now()),
      ];
      return releasedOf(await commitWatched(engine, statements, { repeatable: true }, eventsOf));
    } catch (error) {
      if (!(error instanceof Error && error.message.includes(INCOMPLETE))) throw error;
      held = await stillHeld(engine, held);
    }
  }
  return [];
}

function settleStatements(engine: Engine, settlements: readonly Settlement[]): D1PreparedStatement[] {
  const now = engine.clock.now();
  const { db } = engine;
  // A success without log lines needs no row of its own: the task's row tells all of it.
  const told = settlements.filter(({ outcome, logs }) => outcome !== 'SUCCESS' || logs.length > 0);
  const statements = jsonSets(told.map(toAttemptRow)).map(({ json }) => db.prepare(RECORD_ATTEMPTS).bind(json));
  let settled = 0;
  for (const { json, size } of jsonSets(settlements.map(toRow))) {
    const set = settlements.slice(settled, settled + size);
    statements.push(db.prepare(SETTLE).bind(json), countOutcomes(engine, set, now));
    settled += size;
  }
  const ended = settlements.filter(({ workflowId, state }) => workflowId !== undefined && state !== 'RETRY');
  if (ended.length > 0) statements.push(...releaseStatements(engine, ended as (Settlement & EndedTask)[]));
  const failures = countFailures(engine, settlements, now);
  if (failures) statements.push(failures);
  statements.push(...nextForPlaces(engine, settlements.flatMap(freedPlace)));
  return statements;
}

function freedPlace({ concurrencyKey: key, name }: Settlement): FreedPlace[] {
  return key === undefined ? [] : [{ key, name }];
}

async function stillHeld(engine: Engine, settlements: readonly Settlement[]): Promise<Settlement[]> {
  const select = `SELECT id, fence FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'STARTED'`;
  const ids = JSON.stringify(settlements.map(({ id }) => id));
  const rows = await read<{ id: string; fence: number }>(engine, engine.db.prepare(select).bind(ids));
  const fences = new Map(rows.map(({ id, fence }) => [id, fence]));
  return settlements.filter(({ id, fence }) => fences.get(id) === fence);
}

/** Most tasks succeed and have no more to say: their rows end after the result, and what is missing is NULL. */
const STATE = "coalesce(s.value ->> 4, 'SUCCESS')";

const RECORD_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, logs)
  SELECT tasks.id, tasks.fence, s.value ->> 2, s.value ->> 3, s.value ->> 4, s.value ->> 5, s.value ->> 6
  FROM json_each(?1) AS s JOIN tasks ON tasks.id = s.value ->> 0
  WHERE tasks.fence = s.value ->> 1 AND +tasks.state = 'STARTED'
  ON CONFLICT DO NOTHING`;

const SETTLE = `
  UPDATE tasks SET
    state = ${STATE}, lease_id = NULL, result = s.value ->> 3, started_at = coalesce(s.value ->> 11, started_at),
    finished_at = CASE WHEN s.value ->> 4 = 'RETRY' THEN NULL ELSE coalesce(s.value ->> 11, started_at) + (s.value ->> 2) END,
    result_key = s.value ->> 5, error = s.value ->> 6, progress = coalesce(s.value ->> 7, progress),
    due_at = coalesce(s.value ->> 8, due_at), wake_at = coalesce(s.value ->> 9, wake_at),
    attempt = attempt - coalesce(s.value ->> 10, 0)
  FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

function toRow(settlement: Settlement): string {
  const { id, fence, state, outcome, result, error, progress, startedAt, finishedAt, dueAt, wakeAt, slot } = settlement;
  const row = [id, fence, finishedAt - startedAt, result && 'json' in result ? result.json : null];
  const key = result && 'key' in result ? result.key : null;
  if (state === 'SUCCESS' && key === null && !progress && slot === undefined) return JSON.stringify(row);
  const times = [dueAt ?? null, wakeAt ?? null, outcome === 'SNOOZED' ? 1 : 0, slot === undefined ? null : startedAt];
  return JSON.stringify([...row, state, key, text(error), text(progress), ...times]);
}

function toAttemptRow({ id, fence, outcome, startedAt, finishedAt, error, logs }: Settlement): string {
  return JSON.stringify([id, fence, outcome, startedAt, finishedAt, text(error), logs.length > 0 ? text(logs) : null]);
}

function toEvent({ id, name, queue, state, progress, workflowId, finishedAt }: Settlement): LiveEvent {
  return { taskId: id, name, queue, state, progress, workflowId, at: finishedAt };
}

function text(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
