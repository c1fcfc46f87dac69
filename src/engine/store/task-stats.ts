// Statistics, read: totals since the beginning, series of minutes, what failed last. And the roll-up that keeps totals cheap.
import type { Engine } from '../engine.ts';
import { type Histogram, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../histogram.ts';
import { commit, read } from './commit.ts';
import { sumOfHistograms } from './count-outcomes.ts';

/** Counts of attempts and tasks of one definition in one lane. */
export interface Counts {
  name: string;
  queue: string;
  succeeded: number;
  failed: number;
  revoked: number;
  retried: number;
  crashed: number;
  runtimeMs: number;
  /** Attempts that ended, in whatever way. */
  attempts: number;
  /** Tasks whose first attempt ended, or that were revoked before it began. */
  firstAttempts: number;
  runtimes: Histogram;
  waits: Histogram;
}

type CountsRow = Omit<Counts, 'runtimes' | 'waits'> & { runtimes: string | null; waits: string | null };

const COUNTERS = ['succeeded', 'failed', 'revoked', 'retried', 'crashed', 'runtime_ms', 'attempts', 'first_attempts'];
const NAMES = `name, queue, succeeded, failed, revoked, retried, crashed, runtime_ms AS runtimeMs, attempts,
  first_attempts AS firstAttempts, runtimes, waits`;

/** Sums over rows of `task_stats`, in the columns of `task_totals`. */
const summed = (alias: (column: string) => string) =>
  [
    ...COUNTERS.map((column) => `sum(${column}) AS ${alias(column)}`),
    `${sumsOf('runtimes', RUNTIME_BOUNDS_MS)} AS runtimes`,
    `${sumsOf('waits', WAIT_BOUNDS_MS)} AS waits`,
  ].join(', ');

function sumsOf(column: string, bounds: readonly number[]): string {
  const buckets = Array.from({ length: bounds.length + 1 }, (_, index) => `coalesce(sum(${column} ->> ${index}), 0)`);
  return `json_array(${buckets.join(', ')})`;
}

const camel: Record<string, string> = { runtime_ms: 'runtimeMs', first_attempts: 'firstAttempts' };
const SUMMED = summed((column) => camel[column] ?? column);

const ROLLED = "coalesce((SELECT ran_at FROM sweeps WHERE chore = 'rollup'), 0)";

const ROLL_UP = `
  INSERT INTO task_totals (name, queue, ${COUNTERS.join(', ')}, runtimes, waits)
  SELECT name, queue, ${summed((column) => column)} FROM task_stats WHERE minute > ${ROLLED} AND minute <= ?1
  GROUP BY name, queue
  ON CONFLICT (name, queue) DO UPDATE SET
    ${COUNTERS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
    runtimes = ${sumOfHistograms('task_totals.runtimes', 'excluded.runtimes', RUNTIME_BOUNDS_MS)},
    waits = ${sumOfHistograms('task_totals.waits', 'excluded.waits', WAIT_BOUNDS_MS)}`;

const MARK = `
  INSERT INTO sweeps (chore, ran_at) VALUES ('rollup', ?1) ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at`;

/** Adds the minutes up to `minute` to the totals, once: the mark is moved in the same batch. */
export async function rollUp(engine: Engine, minute: number): Promise<void> {
  const { db } = engine;
  await commit(engine, [db.prepare(ROLL_UP).bind(minute), db.prepare(MARK).bind(minute)], { repeatable: true });
}

/** Totals since the beginning: what is rolled up, and the minutes after it. */
export async function readTotals(engine: Engine): Promise<Counts[]> {
  const [rolled, recent] = await commit(
    engine,
    [
      engine.db.prepare(`SELECT ${NAMES} FROM task_totals`),
      engine.db.prepare(`SELECT name, queue, ${SUMMED} FROM task_stats WHERE minute > ${ROLLED} GROUP BY name, queue`),
    ],
    { repeatable: true },
  );
  return [...rowsOf(rolled), ...rowsOf(recent)];
}

/** Counts in steps of so many seconds, oldest first; `at`: epoch milliseconds of a step's start. */
export async function readSeries(
  engine: Engine,
  { since, stepSeconds }: { since: number; stepSeconds: number },
): Promise<(Counts & { at: number })[]> {
  const query = `SELECT minute - minute % ?2 AS at, name, queue, ${SUMMED} FROM task_stats WHERE minute >= ?1 GROUP BY 1, 2, 3 ORDER BY 1`;
  const statement = engine.db.prepare(query).bind(since, stepSeconds * 1000);
  const rows = await read<CountsRow & { at: number }>(engine, statement);
  return rows.map((row) => ({ ...toCounts(row), at: row.at }));
}

export interface FailureStat {
  name: string;
  queue: string;
  /** The class of the error. */
  exception: string;
  failures: number;
  code: string;
  message: string;
  /** Epoch milliseconds. */
  lastAt: number;
  lastTaskId: string;
}

const FAILURES = `
  SELECT name, queue, exception, failures, code, message, last_at AS lastAt, last_task_id AS lastTaskId FROM failure_stats
  WHERE last_at >= ?1 ORDER BY last_at DESC LIMIT ?2`;

/** What failed, by the class of the error, the latest first. */
export async function readFailures(engine: Engine, since: number, limit: number): Promise<FailureStat[]> {
  return read<FailureStat>(engine, engine.db.prepare(FAILURES).bind(since, limit));
}

function rowsOf(result: D1Result | undefined): Counts[] {
  return ((result?.results ?? []) as unknown as CountsRow[]).map(toCounts);
}

function toCounts({ runtimes, waits, ...counts }: CountsRow): Counts {
  return {
    ...counts,
    runtimes: JSON.parse(runtimes ?? '[]') as Histogram,
    waits: JSON.parse(waits ?? '[]') as Histogram,
  };
}
