// Counts about the tasks of one definition in one queue, and how they are added up. Pure.
import type { Histogram } from './histogram.ts';

/** Counts of attempts and tasks of one definition in one queue. */
export interface Counts {
  name: string;
  queue: string;
  succeeded: number;
  failed: number;
  revoked: number;
  retried: number;
  crashed: number;
  runtimeMs: number;
  /** Attempts that ended, in any way. */
  attempts: number;
  /** Tasks whose first attempt ended, and tasks revoked before it began. */
  firstAttempts: number;
  /** Rows of D1, for everything that the counting isolates did: only the sum over all definitions has a meaning. */
  rowsRead: number;
  rowsWritten: number;
  /** Calls of batch handlers, and the attempts that ran in them. */
  batches: number;
  batched: number;
  runtimes: Histogram;
  waits: Histogram;
}

/** The rows of each group added up, in the order in which groups appear. A sum has the name and queue of its first row. */
export function sumCounts<Row extends Counts>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => string = ({ name, queue }) => `${name} ${queue}`,
): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const row of rows) {
    const key = keyOf(row);
    const sum = sums.get(key);
    if (sum) addTo(sum, row);
    else sums.set(key, { ...row, runtimes: [...row.runtimes], waits: [...row.waits] });
  }
  return sums;
}

function addTo(sum: Counts, row: Counts): void {
  sum.succeeded += row.succeeded;
  sum.failed += row.failed;
  sum.revoked += row.revoked;
  sum.retried += row.retried;
  sum.crashed += row.crashed;
  sum.runtimeMs += row.runtimeMs;
  sum.attempts += row.attempts;
  sum.firstAttempts += row.firstAttempts;
  sum.rowsRead += row.rowsRead;
  sum.rowsWritten += row.rowsWritten;
  sum.batches += row.batches;
  sum.batched += row.batched;
  addInto(sum.runtimes, row.runtimes);
  addInto(sum.waits, row.waits);
}

function addInto(sum: Histogram, more: Histogram): void {
  for (const [bucket, count] of more.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
}
