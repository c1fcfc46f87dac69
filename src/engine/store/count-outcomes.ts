// What a settling adds to the statistics: counters and histograms of the minute, and the messages of failures. Counted from
// the settlements, so that no row has to be read for it.
import type { Counts } from '../counts.ts';
import type { Engine } from '../engine.ts';
import { emptyHistogram, observe, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../histogram.ts';
import type { Settlement } from '../settlement.ts';
import type { Batch } from './batch.ts';
import { type RowsUsed, takeRowsUsed } from './usage.ts';

/** SQL that adds two JSON arrays of counts, bucket by bucket. */
export function sumOfHistograms(a: string, b: string, bounds: readonly number[]): string {
  const terms = emptyHistogram(bounds).map(
    (_, index) => `coalesce(${a} ->> ${index}, 0) + coalesce(${b} ->> ${index}, 0)`,
  );
  return `json_array(${terms.join(', ')})`;
}

/** ?2: rows of `rowsOf`. */
const COUNT = `
  INSERT INTO task_stats (minute, name, queue, succeeded, failed, revoked, retried, runtime_ms, attempts, first_attempts, runtimes, waits, rows_read, rows_written, batches, batched)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value -> 9, value -> 10,
         value ->> 11, value ->> 12, value ->> 13, value ->> 14
  FROM json_each(?2) WHERE true
  ON CONFLICT (minute, name, queue) DO UPDATE SET
    succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed, revoked = revoked + excluded.revoked,
    retried = retried + excluded.retried, runtime_ms = runtime_ms + excluded.runtime_ms,
    attempts = attempts + excluded.attempts, first_attempts = first_attempts + excluded.first_attempts,
    rows_read = rows_read + excluded.rows_read, rows_written = rows_written + excluded.rows_written,
    batches = batches + excluded.batches, batched = batched + excluded.batched,
    runtimes = ${sumOfHistograms('task_stats.runtimes', 'excluded.runtimes', RUNTIME_BOUNDS_MS)},
    waits = ${sumOfHistograms('task_stats.waits', 'excluded.waits', WAIT_BOUNDS_MS)}`;

/** The end of an attempt, or of a task that never started. */
export interface CountedEnd
  extends Pick<Settlement, 'name' | 'queue' | 'outcome' | 'finishedAt' | 'dueAtStart' | 'batch' | 'leadsBatch'> {
  /** undefined: the task never started. */
  startedAt: number | undefined;
  /** The first thing to be counted of its task. */
  isFirst: boolean;
}

/** Adds these ends to the counters of the minute. */
export function countOutcomes(batch: Batch, engine: Engine, ends: readonly CountedEnd[], now: number): void {
  const rows = rowsOf(ends, takeRowsUsed(engine));
  batch.add(COUNT, now - (now % 60_000), JSON.stringify(rows));
}

/** In the order of COUNT's columns. */
type Tally = Omit<Counts, 'crashed'>;

/** Row usage is counted per batch, not per definition; it is added to the first row. */
function rowsOf(ends: readonly CountedEnd[], used: RowsUsed): unknown[][] {
  const tallies = new Map<string, Tally>();
  for (const { name, queue, outcome, startedAt, finishedAt, dueAtStart, isFirst, batch, leadsBatch } of ends) {
    const key = `${name} ${queue}`;
    const tally = tallies.get(key) ?? newTally(name, queue);
    tallies.set(key, tally);
    if (outcome === 'SUCCESS') tally.succeeded++;
    if (outcome === 'FAILURE') tally.failed++;
    if (outcome === 'REVOKED') tally.revoked++;
    if (outcome === 'RETRY') tally.retried++;
    if (isFirst) tally.firstAttempts++;
    if (batch) tally.batched++;
    if (leadsBatch) tally.batches++;
    if (startedAt === undefined) continue;
    tally.runtimeMs += finishedAt - startedAt;
    tally.attempts++;
    observe(tally.runtimes, RUNTIME_BOUNDS_MS, finishedAt - startedAt);
    observe(tally.waits, WAIT_BOUNDS_MS, Math.max(0, startedAt - dueAtStart));
  }
  const [first, ...rest] = tallies.values();
  return [{ ...first, ...used }, ...rest].map((tally) => Object.values(tally) as unknown[]);
}

function newTally(name: string, queue: string): Tally {
  const counts = { succeeded: 0, failed: 0, revoked: 0, retried: 0, runtimeMs: 0, attempts: 0, firstAttempts: 0 };
  const histograms = { runtimes: emptyHistogram(RUNTIME_BOUNDS_MS), waits: emptyHistogram(WAIT_BOUNDS_MS) };
  return { name, queue, ...counts, ...histograms, rowsRead: 0, rowsWritten: 0, batches: 0, batched: 0 };
}

const MAX_MESSAGE_CHARACTERS = 300;

const COUNT_FAILURES = `
  INSERT INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, ?2, value ->> 6
  FROM json_each(?1) WHERE true
  ON CONFLICT (name, queue, exception) DO UPDATE SET failures = failures + excluded.failures, code = excluded.code,
    message = excluded.message, last_at = excluded.last_at, last_task_id = excluded.last_task_id`;

/** Adds the tasks that are FAILURE now to the counters of failures, by the class of the error. */
export function countFailures(batch: Batch, settlements: readonly Settlement[], now: number): void {
  const rows = new Map<string, unknown[]>();
  for (const { id, name, queue, state, error } of settlements) {
    if (state !== 'FAILURE' || !error) continue;
    const key = `${name} ${queue} ${error.type}`;
    const count = ((rows.get(key)?.[3] as number | undefined) ?? 0) + 1;
    const message = error.message.slice(0, MAX_MESSAGE_CHARACTERS);
    rows.set(key, [name, queue, error.type.slice(0, 100), count, error.code, message, id]);
  }
  if (rows.size > 0) batch.add(COUNT_FAILURES, JSON.stringify([...rows.values()]), now);
}
