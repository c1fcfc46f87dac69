// Statistics: totals since the beginning, series of steps, the latest failures, and the roll-up that keeps reading them cheap.
import type { Counts } from '../counts.ts';
import type { Engine } from '../engine.ts';
import { type Histogram, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../histogram.ts';
import { Batch, read } from './batch.ts';
import { sumOfHistograms } from './count-outcomes.ts';

type CountsRow = Omit<Counts, 'runtimes' | 'waits'> & { runtimes: string | null; waits: string | null };

const COUNTERS = [
  ...['succeeded', 'failed', 'revoked', 'retried', 'crashed', 'runtime_ms', 'attempts', 'first_attempts'],
  ...['rows_read', 'rows_written', 'batches', 'batched'],
];
const NAMES = `name, queue, succeeded, failed, revoked, retried, crashed, runtime_ms AS runtimeMs, attempts,
  first_attempts AS firstAttempts, rows_read AS rowsRead, rows_written AS rowsWritten, batches, batched, runtimes, waits`;

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

const camel: Record<string, string> = {
  runtime_ms: 'runtimeMs',
  first_attempts: 'firstAttempts',
  rows_read: 'rowsRead',
  rows_written: 'rowsWritten',
};
const SUMMED = summed((column) => camel[column] ?? column);

const ROLLED = "coalesce((SELECT ran_at FROM sweeps WHERE chore = 'rollup'), 0)";

/** Lengths of the periods that are kept summed up, in seconds. They divide a day, so that they begin with it. */
export const PERIOD_SECONDS = [3600, 14_400] as const;

/** Adds the minutes after the mark up to ?1 to the rows of `table`. `keys`: its primary key, as columns and their values for a minute. */
function rollUpInto(table: 'task_totals' | 'task_periods', keys: Record<string, string>): string {
  const columns = Object.keys(keys).join(', ');
  return `
    INSERT INTO ${table} (${columns}, ${COUNTERS.join(', ')}, runtimes, waits)
    SELECT ${Object.values(keys).join(', ')}, ${summed((column) => column)} FROM task_stats
    WHERE minute > ${ROLLED} AND minute <= ?1 GROUP BY ${Object.keys(keys).map((_, index) => index + 1)}
    ON CONFLICT (${columns}) DO UPDATE SET
      ${COUNTERS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
      runtimes = ${sumOfHistograms(`${table}.runtimes`, 'excluded.runtimes', RUNTIME_BOUNDS_MS)},
      waits = ${sumOfHistograms(`${table}.waits`, 'excluded.waits', WAIT_BOUNDS_MS)}`;
}

const KINDS = { name: 'name', queue: 'queue' };
const ROLL_UP = [
  rollUpInto('task_totals', KINDS),
  ...PERIOD_SECONDS.map((seconds) =>
    rollUpInto('task_periods', { seconds: `${seconds}`, start: `minute - minute % ${seconds * 1000}`, ...KINDS }),
  ),
];

const MARK = `
  INSERT INTO sweeps (chore, ran_at) VALUES ('rollup', ?1)
  ON CONFLICT (chore) DO UPDATE SET ran_at = max(ran_at, excluded.ran_at)`;

/** Adds the minutes up to `minute` to totals and periods, once: the same batch moves the mark, and never back. */
export async function rollUp(engine: Engine, minute: number): Promise<void> {
  const batch = new Batch(engine);
  for (const sql of [...ROLL_UP, MARK]) batch.add(sql, minute);
  await batch.commit({ repeatable: true });
}

const RECENT = `SELECT name, queue, ${SUMMED} FROM task_stats WHERE minute > ${ROLLED} GROUP BY name, queue`;

/** Totals since the beginning: the rolled-up minutes, and the minutes after them. */
export async function readTotals(engine: Engine): Promise<Counts[]> {
  const batch = new Batch(engine);
  const rolled = batch.add<CountsRow>(`SELECT ${NAMES} FROM task_totals`);
  const recent = batch.add<CountsRow>(RECENT);
  await batch.commit({ repeatable: true });
  return [...rolled.rows, ...recent.rows].map(toCounts);
}

const SERIES_OF_MINUTES = `
  SELECT minute - minute % ?2 AS at, name, queue, ${SUMMED} FROM task_stats WHERE minute >= ?1 GROUP BY 1, 2, 3 ORDER BY 1`;

/** A step of one minute needs no sums: adding up histograms would be most of the work. */
const MINUTES = `SELECT minute - minute % ?2 AS at, ${NAMES} FROM task_stats WHERE minute >= ?1 ORDER BY minute`;

/**
 * Periods as long as a step, as far as they are rolled up; the latest one has several rows, from minutes. Minutes have one
 * bound only: of two bounds, SQLite searches by the first and would read all minutes since then.
 */
const PERIODS = `
  SELECT start AS at, ${NAMES} FROM task_periods WHERE seconds = ?2 / 1000 AND start >= ?1
  UNION ALL
  SELECT minute - minute % ?2, ${NAMES} FROM task_stats WHERE minute >= max(?1, ${ROLLED} + 1) ORDER BY 1`;

/**
 * Counts in steps of `stepSeconds`, oldest first; `at`: epoch milliseconds of a step's start. Steps as long as a period are
 * read from periods, others from minutes. A step may have several rows of one definition and queue.
 */
export async function readSeries(
  engine: Engine,
  { since, stepSeconds }: { since: number; stepSeconds: number },
): Promise<(Counts & { at: number })[]> {
  const isPeriod = (PERIOD_SECONDS as readonly number[]).includes(stepSeconds);
  const sql = isPeriod ? PERIODS : stepSeconds === 60 ? MINUTES : SERIES_OF_MINUTES;
  const rows = await read<CountsRow & { at: number }>(engine, sql, since, stepSeconds * 1000);
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

/** Failures by the class of the error, the latest first. */
export async function readFailures(engine: Engine, since: number, limit: number): Promise<FailureStat[]> {
  return read<FailureStat>(engine, FAILURES, since, limit);
}

function toCounts({ runtimes, waits, ...counts }: CountsRow): Counts {
  return {
    ...counts,
    runtimes: toHistogram(runtimes),
    waits: toHistogram(waits),
  };
}

/** A minute with nothing but crashes and revocations has no histogram. */
function toHistogram(json: string | null): Histogram {
  return (JSON.parse(json ?? '[]') as (number | null)[]).map((count) => count ?? 0);
}
