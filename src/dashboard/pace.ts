// Limits how often something happens: a burst at first, then once per interval.

/** Returns a function that decides at `now` (epoch milliseconds). Each permission uses one of `burst`; each `intervalMs` returns one. */
export function createPace(burst: number): (now: number, intervalMs: number) => boolean {
  let fullAt = 0;
  return (now, intervalMs) => {
    const latest = now + burst * intervalMs;
    // If the interval became shorter, permissions of the longer interval must not delay the next one.
    fullAt = Math.min(Math.max(fullAt, now), latest);
    if (fullAt + intervalMs > latest) return false;
    fullAt += intervalMs;
    return true;
  };
}
