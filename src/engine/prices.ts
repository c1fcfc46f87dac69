// Cloudflare's prices on the paid plan beyond its included amounts, in US dollars, and what a task costs. Prices as
// listed on 2026-11-24 (developers.cloudflare.com: D1, Queues and Workers, "Pricing"); rows as docs/storage.md measures them.
import type { Counts } from './counts.ts';

export const PRICES = {
  asOf: '2026-11-24',
  perMillionRowsWritten: 1,
  perMillionRowsRead: 0.001,
  perMillionQueueOperations: 0.4,
  perMillionCpuMs: 0.02,
} as const;

/**
 * Cloudflare Workflows since August 2026: steps beyond the 500,000 a month that are included. Sleeps and waits count as steps
 * (developers.cloudflare.com: Workflows, "Pricing").
 */
export const WORKFLOWS_PRICES = { asOf: '2026-11-28', per100000Steps: 0.8 } as const;

/** Rows of a task enqueued alone and due at once; a bulk takes two less. Each message is written, read and deleted. */
const ENQUEUE = { rowsWritten: 3, rowsRead: 2, queueOperations: 3 };
const ATTEMPT = { rowsWritten: 5, rowsRead: 9 };
const RETRY = { rowsWritten: 2, rowsRead: 3, queueOperations: 3 };
/** A wait for an event is in an index until it ends, which adds two rows. The attempts that waits end are counted as retries. */
const STEP = { rowsWritten: 1, rowsRead: 4, rowsWrittenByWait: 3 };

type Work = Pick<Counts, 'firstAttempts' | 'attempts' | 'retried' | 'runtimeMs'>;

/**
 * US dollars for the counted tasks. An upper estimate: a bulk shares leases, counters and messages. The runtime stands for
 * processor time, which a Worker cannot measure, so waiting for an API is counted although it is free.
 */
export function costOf({ firstAttempts, attempts, retried, runtimeMs }: Work): number {
  const rowsWritten =
    firstAttempts * ENQUEUE.rowsWritten + attempts * ATTEMPT.rowsWritten + retried * RETRY.rowsWritten;
  const rowsRead = firstAttempts * ENQUEUE.rowsRead + attempts * ATTEMPT.rowsRead + retried * RETRY.rowsRead;
  const operations = firstAttempts * ENQUEUE.queueOperations + retried * RETRY.queueOperations;
  const dollars =
    rowsWritten * PRICES.perMillionRowsWritten +
    rowsRead * PRICES.perMillionRowsRead +
    operations * PRICES.perMillionQueueOperations +
    runtimeMs * PRICES.perMillionCpuMs;
  return dollars / 1_000_000;
}

/** US dollars for recorded steps, and for as many steps in Cloudflare Workflows. */
export function costOfSteps(steps: readonly { kind: string }[]): { here: number; inWorkflows: number } {
  const waits = steps.filter(({ kind }) => kind === 'event' || kind === 'approval').length;
  const rowsWritten = steps.length * STEP.rowsWritten + waits * STEP.rowsWrittenByWait;
  const rows = rowsWritten * PRICES.perMillionRowsWritten + steps.length * STEP.rowsRead * PRICES.perMillionRowsRead;
  return { here: rows / 1_000_000, inWorkflows: (steps.length * WORKFLOWS_PRICES.per100000Steps) / 100_000 };
}

/** US dollars for 1,000 tasks like the counted ones, with their retries; null before the first one. */
export function costPer1000(counts: Work): number | null {
  return counts.firstAttempts === 0 ? null : (costOf(counts) / counts.firstAttempts) * 1000;
}
