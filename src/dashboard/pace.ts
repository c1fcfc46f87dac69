// How often something may happen: a few times in a row, and then once in each interval.

/** Asks at `now` (epoch milliseconds) whether it may happen now; yes takes one of `burst`, and each `intervalMs` gives one back. */
export function createPace(burst: number): (now: number, intervalMs: number) => boolean {
  let wholeAt = 0;
  return (now, intervalMs) => {
    const latest = now + burst * intervalMs;
    // An interval that became shorter is not held up by the longer one.
    wholeAt = Math.min(Math.max(wholeAt, now), latest);
    if (wholeAt + intervalMs > latest) return false;
    wholeAt += intervalMs;
    return true;
  };
}
