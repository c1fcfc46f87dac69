// One batch ends the attempts of any number of tasks: counters, history and states together, each only where the fence
// still holds. Repeatable: whatever a first run settled, a second one finds no longer STARTED.
import type { Engine } from '../engine.ts';
import type { Progress } from '../task.ts';
import { commit } from './commit.ts';
import { jsonSets } from './json-sets.ts';
import type { Attempt, LogLine, Payload, TaskError } from './rows.ts';

/** How one attempt ended. */
export interface Settlement {
  id: string;
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
  /** For RETRY: when it may start again, and when the sweep looks at it. */
  dueAt: number | undefined;
  wakeAt: number | undefined;
}

/** Settles what is still held; a settlement whose fence was overtaken changes nothing. Throws EngineError `store_unavailable`. */
export async function settleTasks(engine: Engine, settlements: readonly Settlement[]): Promise<void> {
  await commit(engine, settleStatements(engine, settlements), { repeatable: true });
}

function settleStatements(engine: Engine, settlements: readonly Settlement[]): D1PreparedStatement[] {
  const now = engine.clock.now();
  const { db } = engine;
  // A success without log lines needs no row of its own: the task's row tells all of it.
  const told = settlements.filter(({ outcome, logs }) => outcome !== 'SUCCESS' || logs.length > 0);
  return [
    ...jsonSets(told.map(toAttemptRow)).map((rows) => db.prepare(RECORD_ATTEMPTS).bind(rows)),
    ...jsonSets(settlements.map(toRow)).flatMap((rows) => [
      db.prepare(COUNT).bind(rows, now - (now % 60_000)),
      db.prepare(SETTLE).bind(rows),
    ]),
  ];
}

/** The tasks that the SETTLE of the same batch is about to change. */
const HELD = `json_each(?1) AS s JOIN tasks ON tasks.id = s.value ->> 0
  WHERE tasks.fence = s.value ->> 1 AND +tasks.state = 'STARTED'`;

/** Most tasks succeed and have no more to say: their rows end after the result, and what is missing is NULL. */
const STATE = "coalesce(s.value ->> 4, 'SUCCESS')";

const COUNT = `
  INSERT INTO task_stats (minute, name, queue, succeeded, failed, revoked, retried, runtime_ms)
  SELECT ?2, name, queue, sum(${STATE} = 'SUCCESS'), sum(${STATE} = 'FAILURE'), sum(${STATE} = 'REVOKED'),
         sum(${STATE} = 'RETRY' AND s.value ->> 10 = 0), sum(s.value ->> 2)
  FROM ${HELD} GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET
    succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed, revoked = revoked + excluded.revoked,
    retried = retried + excluded.retried, runtime_ms = runtime_ms + excluded.runtime_ms`;

const RECORD_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, logs)
  SELECT tasks.id, tasks.fence, s.value ->> 2, s.value ->> 3, s.value ->> 4, s.value ->> 5, s.value ->> 6 FROM ${HELD}
  ON CONFLICT DO NOTHING`;

const SETTLE = `
  UPDATE tasks SET
    state = ${STATE}, lease_id = NULL, result = s.value ->> 3,
    finished_at = CASE WHEN s.value ->> 4 = 'RETRY' THEN NULL ELSE started_at + (s.value ->> 2) END,
    result_key = s.value ->> 5, error = s.value ->> 6, progress = coalesce(s.value ->> 7, progress),
    due_at = coalesce(s.value ->> 8, due_at), wake_at = coalesce(s.value ->> 9, wake_at),
    attempt = attempt - coalesce(s.value ->> 10, 0)
  FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

function toRow(settlement: Settlement): string {
  const { id, fence, state, outcome, result, error, progress, startedAt, finishedAt, dueAt, wakeAt } = settlement;
  const row = [id, fence, finishedAt - startedAt, result && 'json' in result ? result.json : null];
  const key = result && 'key' in result ? result.key : null;
  if (state === 'SUCCESS' && key === null && !progress) return JSON.stringify(row);
  const snoozed = outcome === 'SNOOZED' ? 1 : 0;
  return JSON.stringify([...row, state, key, text(error), text(progress), dueAt ?? null, wakeAt ?? null, snoozed]);
}

function toAttemptRow({ id, fence, outcome, startedAt, finishedAt, error, logs }: Settlement): string {
  return JSON.stringify([id, fence, outcome, startedAt, finishedAt, text(error), logs.length > 0 ? text(logs) : null]);
}

function text(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
