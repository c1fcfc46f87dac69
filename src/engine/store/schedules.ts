// The rows of schedules: read, written, moved on when they fire.
import type { Engine } from '../engine.ts';
import { type ScheduleEntry, SWEEP_SECONDS } from '../schedule/entry.ts';
import type { State } from '../state.ts';
import { type Batch, read, write } from './batch.ts';

export interface Schedule {
  name: string;
  source: 'code' | 'api';
  entry: ScheduleEntry;
  paused: boolean;
  /** All instants: epoch milliseconds. The next time it fires; while paused, the time it stopped at. */
  nextAt: number;
  lastAt: number | undefined;
  lastTaskId: string | undefined;
  /** Why its latest firing enqueued no task. */
  lastError: string | undefined;
  /** Firings left out: by `catchup`, or because the task of the one before was unfinished. */
  skipped: number;
  createdAt: number;
  /** The state of the task that it enqueued last. */
  lastState: State | undefined;
}

export interface SchedulePage {
  /** The last name of the page before. */
  after: string | undefined;
  limit: number;
}

interface ScheduleRow {
  name: string;
  source: 'code' | 'api';
  entry: string;
  paused: number;
  next_at: number;
  last_at: number | null;
  last_task_id: string | null;
  last_error: string | null;
  skipped: number;
  created_at: number;
  last_state: State | null;
}

/** The last instant there is: a rule that never fires again. */
export const NEVER = 8_640_000_000_000_000;

const SELECT = `
  SELECT schedules.name, source, entry, paused, next_at, last_at, last_task_id, last_error, skipped, schedules.created_at,
         tasks.state AS last_state
  FROM schedules LEFT JOIN tasks ON tasks.id = last_task_id`;

/** Schedules in code that this deployment does not have belong to another deployment, or are gone. */
const KNOWN = "(source = 'api' OR schedules.name IN (SELECT value FROM json_each(?1)))";

/** By name, after the name `after`. `inCode`: the names this deployment's code has. */
export async function listSchedules(
  engine: Engine,
  inCode: readonly string[],
  { after = '', limit }: SchedulePage,
): Promise<Schedule[]> {
  const sql = `${SELECT} WHERE ${KNOWN} AND schedules.name > ?2 ORDER BY schedules.name LIMIT ?3`;
  return (await read<ScheduleRow>(engine, sql, JSON.stringify(inCode), after, limit)).map(toSchedule);
}

/** A schedule that fires more often than the sweep runs is due a minute ahead. */
const DUE = `paused = 0 AND next_at <= ?2 + ${SWEEP_SECONDS * 1000} AND (next_at <= ?2 OR entry ->> 'every' < ${SWEEP_SECONDS})`;

/** Those that are due at `now`, epoch milliseconds; the longest overdue first. */
export async function findDueSchedules(
  engine: Engine,
  inCode: readonly string[],
  now: number,
  limit: number,
): Promise<Schedule[]> {
  const sql = `${SELECT} WHERE ${DUE} AND ${KNOWN} ORDER BY next_at LIMIT ?3`;
  return (await read<ScheduleRow>(engine, sql, JSON.stringify(inCode), now, limit)).map(toSchedule);
}

const NEXT_DUE = `SELECT next_at AS nextAt FROM schedules WHERE paused = 0 AND ${KNOWN} ORDER BY next_at LIMIT 1`;

/** The earliest time at which a schedule fires, epoch milliseconds; in the past when the sweep is late. */
export async function nextFiringAt(engine: Engine, inCode: readonly string[]): Promise<number | undefined> {
  return (await read<{ nextAt: number }>(engine, NEXT_DUE, JSON.stringify(inCode)))[0]?.nextAt;
}

export async function getSchedule(engine: Engine, name: string): Promise<Schedule | undefined> {
  const [row] = await read<ScheduleRow>(engine, `${SELECT} WHERE schedules.name = ?1`, name);
  return row && toSchedule(row);
}

export interface NewSchedule {
  name: string;
  entry: ScheduleEntry;
  nextAt: number;
}

/** An unchanged entry keeps its next time; a changed one begins anew. A paused one stays paused. */
const SYNC = `
  INSERT INTO schedules (name, source, entry, next_at, created_at)
  SELECT value ->> 0, 'code', value ->> 1, value ->> 2, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (name) DO UPDATE SET source = 'code', entry = excluded.entry, next_at = excluded.next_at,
    created_at = excluded.created_at
  WHERE source <> 'code' OR entry <> excluded.entry`;

/** Brings the rows of the code's entries to what the code says. */
export async function syncSchedules(engine: Engine, entries: readonly NewSchedule[]): Promise<void> {
  const rows = JSON.stringify(entries.map(({ name, entry, nextAt }) => [name, JSON.stringify(entry), nextAt]));
  await write(engine, { repeatable: true }, SYNC, rows, engine.clock.now());
}

const INSERT = `
  INSERT INTO schedules (name, source, entry, next_at, created_at) VALUES (?1, 'api', ?2, ?3, ?4)
  ON CONFLICT (name) DO UPDATE SET source = 'api', entry = excluded.entry, next_at = excluded.next_at,
    created_at = excluded.created_at, paused = 0, last_at = NULL, last_task_id = NULL, last_error = NULL, skipped = 0
  WHERE source = 'code'`;

/** False when the name is taken. A name that stood in code and does no longer is free; the caller checks the code. */
export async function insertSchedule(engine: Engine, { name, entry, nextAt }: NewSchedule): Promise<boolean> {
  const values = [name, JSON.stringify(entry), nextAt, engine.clock.now()];
  return (await write(engine, { repeatable: false }, INSERT, ...values)) > 0;
}

const UPDATE = `
  UPDATE schedules SET entry = coalesce(?2, entry), paused = coalesce(?3, paused), next_at = coalesce(?4, next_at)
  WHERE name = ?1`;

/** Writes the given fields. */
export async function updateSchedule(
  engine: Engine,
  name: string,
  changes: { entry?: ScheduleEntry | undefined; paused?: boolean | undefined; nextAt?: number | undefined },
): Promise<void> {
  const { entry, paused, nextAt } = changes;
  const values = [entry ? JSON.stringify(entry) : null, paused === undefined ? null : Number(paused), nextAt ?? null];
  await write(engine, { repeatable: true }, UPDATE, name, ...values);
}

export async function deleteScheduleRow(engine: Engine, name: string): Promise<void> {
  await write(engine, { repeatable: true }, "DELETE FROM schedules WHERE name = ?1 AND source = 'api'", name);
}

/** How a schedule moved on. */
export interface Fired {
  name: string;
  /** What `next_at` was when it was read. If it is another one by now, nothing changes. */
  from: number;
  nextAt: number;
  /** The latest of its times, and the task it enqueued; undefined when it enqueued none. */
  last: { at: number; taskId: string; keys: readonly string[] } | undefined;
  error: string | undefined;
  skipped: number;
}

/** The task of the latest firing, or the task that holds one of its dedupe keys and so stands in for it. */
const ENQUEUED = `
  coalesce((SELECT id FROM tasks WHERE id = moved.value ->> 4),
    (SELECT held.task_id FROM json_each(moved.value -> 7) AS wanted CROSS JOIN task_keys AS held ON held.key = wanted.value
     WHERE held.task_id <> moved.value ->> 4 LIMIT 1))`;

const MOVE_ON = `
  UPDATE schedules SET next_at = moved.value ->> 2, last_at = coalesce(moved.value ->> 3, last_at),
    last_task_id = coalesce(${ENQUEUED}, last_task_id), last_error = moved.value ->> 5,
    skipped = skipped + (moved.value ->> 6)
  FROM json_each(?1) AS moved
  WHERE schedules.name = moved.value ->> 0 AND schedules.next_at = moved.value ->> 1`;

/** Must be added behind the statements that insert the tasks. */
export function moveOn(batch: Batch, fired: readonly Fired[]): void {
  const rows = fired.map(({ name, from, nextAt, last, error, skipped }) => [
    name,
    from,
    nextAt,
    last?.at ?? null,
    last?.taskId ?? null,
    error ?? null,
    skipped,
    last?.keys ?? [],
  ]);
  batch.add(MOVE_ON, JSON.stringify(rows));
}

function toSchedule(row: ScheduleRow): Schedule {
  return {
    name: row.name,
    source: row.source,
    entry: JSON.parse(row.entry) as ScheduleEntry,
    paused: row.paused === 1,
    nextAt: row.next_at,
    lastAt: row.last_at ?? undefined,
    lastTaskId: row.last_task_id ?? undefined,
    lastError: row.last_error ?? undefined,
    skipped: row.skipped,
    createdAt: row.created_at,
    lastState: row.last_state ?? undefined,
  };
}
