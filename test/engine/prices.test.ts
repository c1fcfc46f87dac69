// What 1,000 tasks are said to cost.
import { describe, expect, it } from 'vitest';
import { type Counts, costOfSteps, costPer1000, PRICES } from '../../src/engine/manage.ts';

const ended: Counts = {
  name: 'a.b',
  queue: 'default',
  succeeded: 100,
  failed: 0,
  revoked: 0,
  retried: 0,
  crashed: 0,
  runtimeMs: 0,
  attempts: 100,
  firstAttempts: 100,
  rowsRead: 0,
  rowsWritten: 0,
  batches: 0,
  batched: 0,
  runtimes: [],
  waits: [],
};

describe('the cost of steps', () => {
  it('is that of their rows, beside Cloudflare Workflows', () => {
    const steps = [{ kind: 'do' }, { kind: 'do' }, { kind: 'event' }];
    const { here, inWorkflows } = costOfSteps(steps);
    expect(here).toBeCloseTo((6 * PRICES.perMillionRowsWritten + 12 * PRICES.perMillionRowsRead) / 1e6, 12);
    expect(inWorkflows).toBeCloseTo(3 * 8e-6, 12);
    expect(costOfSteps([])).toEqual({ here: 0, inWorkflows: 0 });
  });
});

describe('the cost of 1,000 tasks', () => {
  it('is that of their rows and messages, as docs/scaling.md adds them up', () => {
    // 8 rows written, 11 read, 3 operations each.
    expect(costPer1000(ended)).toBeCloseTo(0.008 + 0.000011 + 0.0012, 6);
  });

  it('does not depend on how many were counted', () => {
    const twice = { ...ended, succeeded: 200, attempts: 200, firstAttempts: 200 };
    expect(costPer1000(twice)).toBeCloseTo(costPer1000(ended)!, 12);
  });

  it('grows with retries and with the time they run', () => {
    const retried = costPer1000({ ...ended, retried: 50, attempts: 150 })!;
    expect(retried).toBeGreaterThan(costPer1000(ended)!);
    const slow = costPer1000({ ...ended, runtimeMs: 100 * 1000 })!;
    // A second each: a million milliseconds for 1,000.
    expect(slow - costPer1000(ended)!).toBeCloseTo(PRICES.perMillionCpuMs, 9);
  });

  it('is unknown while none has run', () => {
    expect(costPer1000({ ...ended, firstAttempts: 0, attempts: 0 })).toBeNull();
  });
});
