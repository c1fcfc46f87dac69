// Histograms that can be added up: counts per bucket, with bounds that stand here once. Pure.

/** Upper bounds of the buckets in milliseconds; one more bucket holds the values above. Bounds may be appended, never changed. */
export const RUNTIME_BOUNDS_MS = [
  5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
] as const;
export const WAIT_BOUNDS_MS = [
  50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
] as const;

/** One count per bucket, and one for the values above the last bound. */
export type Histogram = number[];

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return Array.from({ length: bounds.length + 1 }, () => 0);
}

/** Counts one value, in place. */
export function observe(histogram: Histogram, bounds: readonly number[], milliseconds: number): void {
  const found = bounds.findIndex((bound) => milliseconds <= bound);
  const bucket = found < 0 ? bounds.length : found;
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

export function addUp(a: Histogram, b: Histogram): Histogram {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

/**
 * The value below which `percent` of the counted values lie, in milliseconds, spread evenly within its bucket; null for an
 * empty histogram. Above the last bound it is that bound.
 */
export function percentile(histogram: Histogram, bounds: readonly number[], percent: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  const wanted = (percent / 100) * total;
  for (const [bucket, count] of histogram.entries()) {
    if (below + count < wanted || count === 0) {
      below += count;
      continue;
    }
    const from = bounds[bucket - 1] ?? 0;
    const to = bounds[bucket] ?? from;
    return from + ((wanted - below) / count) * (to - from);
  }
  return bounds.at(-1) ?? null;
}
