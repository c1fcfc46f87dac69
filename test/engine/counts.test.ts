// Counts are added up without losing any.
import { expect, it } from 'vitest';
import { addUp, type Counts, sumCounts } from '../../src/engine/manage.ts';

it('sums keep the names and add every counter', () => {
  const one: Counts = {
    name: 'a',
    queue: 'low',
    succeeded: 1,
    failed: 2,
    revoked: 3,
    retried: 4,
    crashed: 5,
    runtimeMs: 6,
    attempts: 7,
    firstAttempts: 8,
    rowsRead: 9,
    rowsWritten: 10,
    batches: 11,
    batched: 12,
    runtimes: [1, 2],
    waits: [3],
  };
  const [sum] = sumCounts([one, one, one]).values();
  for (const [field, value] of Object.entries(one)) {
    const three = Array.isArray(value)
      ? addUp(addUp(value, value), value)
      : typeof value === 'number'
        ? 3 * value
        : value;
    expect(sum?.[field as keyof Counts], field).toEqual(three);
  }
});

it('a sum for each group has its own rows, and leaves the given ones as they were', () => {
  const row = (name: string, succeeded: number) => ({
    name,
    queue: 'low',
    succeeded,
    runtimes: [succeeded],
    waits: [],
  });
  const rows = [row('a', 1), row('b', 2), row('a', 4)] as unknown as Counts[];
  const sums = sumCounts(rows);
  expect([...sums].map(([key, { succeeded, runtimes }]) => [key, succeeded, runtimes])).toEqual([
    ['a low', 5, [5]],
    ['b low', 2, [2]],
  ]);
  expect(rows[0]).toMatchObject({ succeeded: 1, runtimes: [1] });
});
