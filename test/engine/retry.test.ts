import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, fixed } from '../../src/engine/index.ts';
import { nextDelay } from '../../src/engine/retry.ts';

const none = () => 0;
const most = () => 1 - Number.EPSILON;

describe('exponential backoff', () => {
  it("follows Celery's formula: min(max, max(1, base) · 2^retry)", () => {
    const backoff = exponential({ base: 2, max: 100, jitter: false });
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((retry) => backoff(retry, undefined, none))).toEqual([
      2, 4, 8, 16, 32, 64, 100, 100,
    ]);
    expect(exponential({ base: 0.1, jitter: false })(0, undefined, none)).toBe(1);
  });

  it('with full jitter is a whole number between 0 and the delay, both reached', () => {
    const backoff = exponential({ base: 1, max: 600 });
    expect(backoff(3, undefined, none)).toBe(0);
    expect(backoff(3, undefined, most)).toBe(8);
    fc.assert(
      fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (retry, random) => {
        const delay = backoff(retry, undefined, () => random);
        return Number.isInteger(delay) && delay >= 0 && delay <= Math.min(600, 2 ** retry);
      }),
    );
  });
});

describe('the next delay', () => {
  it("is the provider's Retry-After where there is one, whatever the formula says", () => {
    expect(nextDelay(fixed(5), 0, Object.assign(new Error(), { retryAfterSeconds: 42 }), none)).toBe(42);
    expect(nextDelay(fixed(5), 0, new Error(), none)).toBe(5);
    expect(nextDelay(fixed(5), 0, { retryAfterSeconds: Number.NaN }, none)).toBe(5);
  });

  it('is never negative and never over a day', () => {
    expect(nextDelay(fixed(-3), 0, undefined, none)).toBe(0);
    expect(nextDelay(fixed(1e9), 0, undefined, none)).toBe(86_400);
  });
});
