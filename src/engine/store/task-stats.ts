// Statistics, read: totals since the beginning, series of steps, what failed last. And the roll-up that keeps both cheap.
import type { Counts } from '../counts.ts';
import type { Engine } from '../engine.ts';
import { type Histogram, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../histogram.ts';
import { commit, read } from './commit.ts';
import { sumOfHistograms } from './count-outcomes.ts';

type CountsRow = Omit<Counts, 'runtimes' | 'waits'> & { runtimes: string | null; waits: string | null };

const COUNTERS = [
  ...['succeeded', 'failed', 'revoked', 'retried', 'crashed', 'runtime_ms', 'attempts', 'first_attempts'],
  ...['rows_read', 'rows_written'],
];
const NAMES = `name, queue, succeeded, failed, revoked, retried, crashed, runtime_ms AS runtimeMs, attempts,
  first_attempts AS firstAttempts, rows_read AS rowsRead, rows_written AS rowsWritten, runtimes, waits`;

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

/** Adds the minutes behind the mark up to ?1 to the rows of `table`, whose primary key is `keys`: columns and what they are of a minute. */
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

const LANE = { name: 'name', queue: 'queue' };
const ROLL_UP = [
  rollUpInto('task_totals', LANE),
  ...PERIOD_SECONDS.map((seconds) =>
    rollUpInto('task_periods', { seconds: `${seconds}`, start: `minute - minute % ${seconds * 1000}`, ...LANE }),
  ),
];

const MARK = `
  INSERT INTO sweeps (chore, ran_at) VALUES ('rollup', ?1)
  ON CONFLICT (chore) DO UPDATE SET ran_at = max(ran_at, excluded.ran_at)`;

/** Adds the minutes up to `minute` to totals and periods, once: the mark is moved in the same batch, and never back. */
export async function rollUp(engine: Engine, minute: number): Promise<void> {
  const statements = [...ROLL_UP, MARK].map((sql) => engine.db.prepare(sql).bind(minute));
  await commit(engine, statements, { repeatable: true });
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

const SERIES_OF_MINUTES = `
  SELECT minute - minute % ?2 AS at, name, queue, ${SUMMED} FROM task_stats WHERE minute >= ?1 GROUP BY 1, 2, 3 ORDER BY 1`;

/** Where a step is a minute, its rows are what is asked for: adding up their histograms is most of the work. */
const MINUTES = `SELECT minute - minute % ?2 AS at, ${NAMES} FROM task_stats WHERE minute >= ?1 ORDER BY minute`;

/**
 * Periods as long as a step, as far as they are rolled up; of the latest there are several rows, from minutes. Those have one
 * bound: of two, SQLite searches by the first, and would read its way through all minutes since.
 */
const PERIODS = `
  SELECT start AS at, ${NAMES} FROM task_periods WHERE seconds = ?2 / 1000 AND start >= ?1
  UNION ALL
  SELECT minute - minute % ?2, ${NAMES} FROM task_stats WHERE minute >= max(?1, ${ROLLED} + 1) ORDER BY 1`;

/**
 * Counts in steps of so many seconds, oldest first; `at`: epoch milliseconds of a step's start. Steps as long as a period are
 * read from those, others from minutes. A step may have several rows of one definition and lane.
 */
export async function readSeries(
  engine: Engine,
  { since, stepSeconds }: { since: number; stepSeconds: number },
): Promise<(Counts & { at: number })[]> {
  const isPeriod = (PERIOD_SECONDS as readonly number[]).includes(stepSeconds);
  const sql = isPeriod ? PERIODS : stepSeconds === 60 ? MINUTES : SERIES_OF_MINUTES;
  const query = engine.db.prepare(sql).bind(since, stepSeconds * 1000);
  const rows = await read<CountsRow & { at: number }>(engine, query);
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
    runtimes: toHistogram(runtimes),
    waits: toHistogram(waits),
  };
}

/** Minutes in which nothing but crashes and revocations was counted have none. */
function toHistogram(json: string | null): Histogram {
  return (JSON.parse(json ?? '[]') as (number | null)[]).map((count) => count ?? 0);
}
