// What is counted about tasks of one definition in one lane, and how such counts are added up. Pure.
import { addUp, type Histogram } from './histogram.ts';

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

/** The rows of each key added up, in the order in which keys come up. A sum bears the names of its first row. */
export function sumCounts<Row extends Counts>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => string = ({ name, queue }) => `${name} ${queue}`,
): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const row of rows) {
    const key = keyOf(row);
    const sum = sums.get(key);
    sums.set(key, sum ? addCounts(sum, row) : row);
  }
  return sums;
}

function addCounts(a: Counts, b: Counts): Counts {
  return {
    name: a.name,
    queue: a.queue,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    revoked: a.revoked + b.revoked,
    retried: a.retried + b.retried,
    crashed: a.crashed + b.crashed,
    runtimeMs: a.runtimeMs + b.runtimeMs,
    attempts: a.attempts + b.attempts,
    firstAttempts: a.firstAttempts + b.firstAttempts,
    runtimes: addUp(a.runtimes, b.runtimes),
    waits: addUp(a.waits, b.waits),
  };
}
