// How the tasks of a definition gather into batches, and how many a batch holds. Pure.

export interface BatchRule {
  /** The most tasks that one call of `runMany` gets. 1–500. */
  size: number;
  /**
   * How long a task waits for others, in milliseconds, while fewer than `size` wait. 0–60,000, default 0: it runs with those that the
   * same call enqueued and those that wait already. Queue messages are delayed by whole seconds, so it is rounded up to the next one.
   */
  waitMs?: number;
}

/** A claim takes at most this many tasks, and so do the batches that run at once in one invocation. */
export const MAX_BATCHED_TASKS = 500;
/** Cloudflare Queues' own limit of `max_batch_timeout`. */
const MAX_WAIT_MS = 60_000;

/** Why the rule is none; undefined when it is one. */
export function batchFault({ size, waitMs = 0 }: BatchRule): string | undefined {
  if (!(Number.isInteger(size) && size >= 1 && size <= MAX_BATCHED_TASKS))
    return `batch.size must be a whole number, 1–${MAX_BATCHED_TASKS}, not ${size}`;
  if (!(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= MAX_WAIT_MS))
    return `batch.waitMs must be a whole number of milliseconds, 0–${MAX_WAIT_MS}, not ${waitMs}`;
  return undefined;
}

interface Limits {
  batch: BatchRule | undefined;
  rateLimit: { limit: number } | undefined;
  concurrency: { limit: number } | undefined;
}

/** How many tasks fill a batch: no more than may start at once. undefined: the definition has no batches. */
export function batchSize({ batch, rateLimit, concurrency }: Limits): number | undefined {
  return batch && Math.min(batch.size, rateLimit?.limit ?? batch.size, concurrency?.limit ?? batch.size);
}

/** The whole seconds that a task waits for others. 0: the definition has no batches, or its tasks do not wait. */
export function waitSeconds(declaration: Pick<Limits, 'batch'> | undefined): number {
  return Math.ceil((declaration?.batch?.waitMs ?? 0) / 1000);
}

/** Rings that fill whole batches, which start at once, and the rest, which waits for others. */
export function splitFull<T>(size: number, tasks: readonly T[]): { full: T[]; rest: T[] } {
  const end = Math.floor(tasks.length / size) * size;
  return { full: tasks.slice(0, end), rest: tasks.slice(end) };
}

/** How many tasks the next claim may take, when `free` calls have a place and `running` tasks run. 0: none before a batch ends. */
export function mostToClaim(size: number, free: number, running: number): number {
  return size * Math.max(0, Math.min(free, Math.floor((MAX_BATCHED_TASKS - running) / size)));
}
