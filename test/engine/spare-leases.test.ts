// The ids of leases.
import { describe, expect, it } from 'vitest';
import { giveBackLease, takeLease } from '../../src/engine/spare-leases.ts';

describe('a lease', () => {
  it('that was given back is used again, and one that was not never is', () => {
    const [one, two] = [takeLease(), takeLease()];
    expect(one).not.toBe(two);
    giveBackLease(one);
    expect(takeLease()).toBe(one);
    expect(takeLease()).not.toBe(two);
  });
});
