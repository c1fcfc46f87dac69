import { expect, it } from 'vitest';
import { createPace } from '../../src/dashboard/pace.ts';

const START = 1_800_000_000_000;

/** The seconds from 0 to 29 at which it is allowed, if each second asks once. */
function secondsOf(mayHappen: (now: number, intervalMs: number) => boolean, intervalMs: number): number[] {
  return Array.from({ length: 30 }, (_, second) => second).filter((second) =>
    mayHappen(START + second * 1000, intervalMs),
  );
}

it('allows a burst at first, then one per interval', () => {
  expect(secondsOf(createPace(3), 10_000)).toEqual([0, 1, 2, 10, 20]);
  expect(secondsOf(createPace(1), 5000)).toEqual([0, 5, 10, 15, 20, 25]);
});

it('allows a whole burst again after a quiet time', () => {
  const mayHappen = createPace(2);
  secondsOf(mayHappen, 1000);

  expect([0, 0, 0].map(() => mayHappen(START + 60_000, 1000))).toEqual([true, true, false]);
});

it('uses a shorter interval at once', () => {
  const mayHappen = createPace(2);
  for (let times = 0; times < 3; times++) mayHappen(START, 60_000);

  expect(mayHappen(START, 2000)).toBe(false);
  expect(mayHappen(START + 2000, 2000)).toBe(true);
});
