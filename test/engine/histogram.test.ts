// Histograms: what is counted stays counted, sums do not depend on their order, and a percentile is never made up.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe } from '../../src/engine/histogram.ts';
import { addUp, emptyHistogram, percentile, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../../src/engine/manage.ts';

const durations = fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 200 });
const bounds = fc.constantFrom<readonly number[]>(RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS);
const histograms = fc.array(fc.nat(1000), { maxLength: 20 });

function histogramOf(values: readonly number[], limits: readonly number[]) {
  const histogram = emptyHistogram(limits);
  for (const value of values) observe(histogram, limits, value);
  return histogram;
}

/** The bounds between which a value lies; above the last one there is only that. */
function bucketOf(value: number, limits: readonly number[]): [from: number, to: number] {
  const found = limits.findIndex((limit) => value <= limit);
  const last = limits.at(-1) ?? 0;
  return found < 0 ? [last, last] : [limits[found - 1] ?? 0, limits[found] ?? last];
}

describe('a histogram', () => {
  it('counts every value once', () => {
    fc.assert(
      fc.property(durations, bounds, (values, limits) => {
        const histogram = histogramOf(values, limits);
        expect(histogram).toHaveLength(limits.length + 1);
        expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
    );
  });

  it('has percentiles within the bucket of the value they stand for', () => {
    fc.assert(
      fc.property(durations, bounds, fc.integer({ min: 1, max: 100 }), (values, limits, percent) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
        const [from, to] = bucketOf(exact, limits);
        const estimate = percentile(histogramOf(values, limits), limits, percent)!;
        expect(estimate).toBeGreaterThanOrEqual(from);
        expect(estimate).toBeLessThanOrEqual(to);
      }),
    );
  });

  it('has percentiles that rise with the percentage', () => {
    fc.assert(
      fc.property(durations, bounds, fc.nat(100), fc.nat(100), (values, limits, a, b) => {
        const histogram = histogramOf(values, limits);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(percentile(histogram, limits, low)!).toBeLessThanOrEqual(percentile(histogram, limits, high)!);
      }),
    );
  });

  it('is added up in any order and grouping, also with shorter ones', () => {
    fc.assert(
      fc.property(histograms, histograms, histograms, (a, b, c) => {
        expect(addUp(addUp(a, b), c)).toEqual(addUp(a, addUp(b, c)));
        expect(addUp(a, b)).toEqual(addUp(b, a));
        expect(addUp(a, [])).toEqual(a);
      }),
    );
  });

  it('that is added up equals the one of all values', () => {
    fc.assert(
      fc.property(durations, durations, bounds, (a, b, limits) => {
        expect(addUp(histogramOf(a, limits), histogramOf(b, limits))).toEqual(histogramOf([...a, ...b], limits));
      }),
    );
  });

  it('that is empty has no percentiles', () => {
    expect(percentile([], RUNTIME_BOUNDS_MS, 50)).toBeNull();
    expect(percentile(emptyHistogram(WAIT_BOUNDS_MS), WAIT_BOUNDS_MS, 99)).toBeNull();
  });
});
