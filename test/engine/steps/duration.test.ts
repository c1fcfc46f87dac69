// Spans of time as Cloudflare Workflows writes them.
import { describe, expect, it } from 'vitest';
import { type Duration, toMs } from '../../../src/engine/steps/duration.ts';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1500.4, 1500],
    ['1 second', 1000],
    ['90 seconds', 90_000],
    ['1.5 hours', 5_400_000],
    ['2 weeks', 14 * 86_400_000],
    ['1 month', 30 * 86_400_000],
    ['10 years', 3650 * 86_400_000],
  ])('%s is %d ms', (duration, ms) => {
    expect(toMs(duration)).toBe(ms);
  });

  it.each([
    '',
    '5',
    'soon',
    '-1 second',
    '11 years',
    '1 fortnight',
    ' 1 hour',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%s is refused', (duration) => {
    expect(() => toMs(duration as Duration)).toThrow(RangeError);
  });
});
