// The only place that reads the wall clock. Tests pass their own Clock. Must never be used to measure CPU time:
// deployed, the clock stands still between two I/O operations.

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds of this clock. */
  wait(ms: number): Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now(), wait: (ms) => scheduler.wait(ms) };
