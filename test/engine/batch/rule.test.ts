// How many tasks a batch holds, how long they wait for each other, and how many a claim takes.
import { expect, it } from 'vitest';
import { batchFault, batchSize, mostToClaim, splitFull, waitSeconds } from '../../../src/engine/batch/rule.ts';

it('a rule needs a size of 1–500 and a wait of at most 60 s', () => {
  for (const rule of [{ size: 1 }, { size: 500, waitMs: 60_000 }, { size: 2, waitMs: 0 }])
    expect(batchFault(rule)).toBeUndefined();
  for (const size of [0, 501, 1.5, Number.NaN, -1, '10' as never]) expect(batchFault({ size })).toMatch(/batch\.size/);
  for (const waitMs of [-1, 60_001, 0.5, Number.NaN, '1' as never])
    expect(batchFault({ size: 1, waitMs })).toMatch(/batch\.waitMs/);
});

it('no more tasks fill a batch than may start at once', () => {
  const none = { rateLimit: undefined, concurrency: undefined };
  expect(batchSize({ batch: undefined, ...none })).toBeUndefined();
  expect(batchSize({ batch: { size: 100 }, ...none })).toBe(100);
  expect(batchSize({ batch: { size: 100 }, ...none, rateLimit: { limit: 20 } })).toBe(20);
  expect(batchSize({ batch: { size: 100 }, rateLimit: { limit: 20 }, concurrency: { limit: 7 } })).toBe(7);
});

it('a wait is rounded up to whole seconds', () => {
  const waits = [undefined, 0, 1, 1000, 1001, 60_000].map((waitMs) =>
    waitSeconds({ batch: { size: 1, ...(waitMs !== undefined && { waitMs }) } }),
  );
  expect(waits).toEqual([0, 0, 1, 1, 2, 60]);
  expect(waitSeconds({ batch: undefined })).toBe(0);
  expect(waitSeconds(undefined)).toBe(0);
});

it('full batches are split from the rest, in order', () => {
  expect(splitFull(3, [1, 2, 3, 4, 5, 6, 7])).toEqual({ full: [1, 2, 3, 4, 5, 6], rest: [7] });
  expect(splitFull(3, [1, 2])).toEqual({ full: [], rest: [1, 2] });
  expect(splitFull(1, [1])).toEqual({ full: [1], rest: [] });
});

it('a claim takes whole batches, one for each free place, and 500 tasks at most with those that run', () => {
  expect(mostToClaim(100, 50, 0)).toBe(500);
  expect(mostToClaim(100, 2, 0)).toBe(200);
  expect(mostToClaim(100, 50, 450)).toBe(0);
  expect(mostToClaim(500, 1, 0)).toBe(500);
  expect(mostToClaim(10, -3, 0)).toBe(0);
});
