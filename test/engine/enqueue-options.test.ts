// What a caller may ask for one task.
import { describe, expect, it } from 'vitest';
import { dueTime, EnqueueOptions, expiryTime } from '../../src/engine/enqueue-options.ts';
import { enqueue } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('options', () => {
  it('out of bounds are refused', async () => {
    const engine = await makeEngine([scripted]);
    for (const options of [
      { countdown: -1 },
      { countdown: Number.NaN },
      { maxRetries: 101 },
      { tags: [''] },
      { queue: 'dead' },
      { inter: 1 },
    ]) {
      await expect(
        enqueue(engine, [{ definition: scripted, input: {}, options: options as object }]),
      ).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });

  it('may name an instant up to the year 2100', () => {
    expect(EnqueueOptions().safeParse({ eta: new Date('2099-12-31') }).success).toBe(true);
    expect(EnqueueOptions().safeParse({ eta: new Date('2100-01-02') }).success).toBe(false);
    expect(EnqueueOptions().safeParse({ expires: new Date('2100-01-02') }).success).toBe(false);
  });
});

describe('the due time', () => {
  it('is now, after the countdown, or the ETA, which wins; an ETA in the past is now', () => {
    const eta = new Date(NOW + 5000);
    expect(dueTime({}, NOW)).toBe(NOW);
    expect(dueTime({ countdown: 1.5 }, NOW)).toBe(NOW + 1500);
    expect(dueTime({ countdown: 60, eta }, NOW)).toBe(NOW + 5000);
    expect(dueTime({ eta: new Date(NOW - 5000) }, NOW)).toBe(NOW);
  });
});

describe('the expiry time', () => {
  it('is an instant, or counted in seconds from now; 0 seconds is not "never"', () => {
    expect(expiryTime({}, NOW)).toBeNull();
    expect(expiryTime({ expires: 0 }, NOW)).toBe(NOW);
    expect(expiryTime({ expires: 60 }, NOW)).toBe(NOW + 60_000);
    expect(expiryTime({ expires: new Date(NOW + 1) }, NOW)).toBe(NOW + 1);
  });
});
