// What Cloudflare charges on the paid plan beyond what it includes, in US dollars, and what a task takes of it. Prices as
// listed on 2026-11-24 (developers.cloudflare.com: D1, Queues and Workers, "Pricing"); rows as docs/storage.md measures them.
import type { Counts } from './counts.ts';

export const PRICES = {
  asOf: '2026-11-24',
  perMillionRowsWritten: 1,
  perMillionRowsRead: 0.001,
  perMillionQueueOperations: 0.4,
  perMillionCpuMs: 0.02,
} as const;

/** Rows of a task enqueued alone; a bulk takes two less. Each message is written, read and deleted. */
const ENQUEUE = { rowsWritten: 4, rowsRead: 1, queueOperations: 3 };
const ATTEMPT = { rowsWritten: 5, rowsRead: 9 };
const RETRY = { rowsWritten: 2, rowsRead: 3, queueOperations: 3 };

/**
 * US dollars for 1,000 tasks like those counted, with their retries; an upper estimate, for a bulk shares leases, counters and
 * messages. The runtime stands for processor time, which Workers do not tell: waiting for an API is counted, though it is free.
 */
export function costPer1000(counts: Counts): number | null {
  const { firstAttempts, attempts, retried, runtimeMs } = counts;
  if (firstAttempts === 0) return null;
  const rowsWritten =
    firstAttempts * ENQUEUE.rowsWritten + attempts * ATTEMPT.rowsWritten + retried * RETRY.rowsWritten;
  const rowsRead = firstAttempts * ENQUEUE.rowsRead + attempts * ATTEMPT.rowsRead + retried * RETRY.rowsRead;
  const operations = firstAttempts * ENQUEUE.queueOperations + retried * RETRY.queueOperations;
  const dollars =
    rowsWritten * PRICES.perMillionRowsWritten +
    rowsRead * PRICES.perMillionRowsRead +
    operations * PRICES.perMillionQueueOperations +
    runtimeMs * PRICES.perMillionCpuMs;
  return (dollars / 1_000_000 / firstAttempts) * 1000;
}
