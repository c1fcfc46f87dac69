import { expect, it } from 'vitest';
import { sumByName } from '../../src/dashboard/sum-by-name.ts';

const row = (name: string, succeeded: number, failed: number, cost: number | null) => ({
  name,
  succeeded,
  failed,
  revoked: 0,
  cost_per_1000_usd: cost,
});

it('sums the statistics of a definition over all queues', () => {
  const rows = [row('a', 90, 10, 0.01), row('b', 1, 1, 5), row('a', 0, 100, 0.03), row('a', 0, 0, null)];

  expect(sumByName(rows, 'a')).toEqual({ ended: 200, failureRate: 0.55, costPer1000: 0.02 });
  expect(sumByName(rows, 'none')).toEqual({ ended: 0, failureRate: null, costPer1000: null });
});
