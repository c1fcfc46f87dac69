import { describe, expect, it } from 'vitest';
import { inflateProfile } from '../../../src/images/colour/inflate-profile.ts';
import { join, zeros } from '../bombs.ts';

const named = (packed: Uint8Array) => join(Uint8Array.of(65, 66, 0, 0), packed);

describe('the profile of a PNG', () => {
  it('is inflated', async () => {
    expect(await inflateProfile(named(await zeros(3000)))).toEqual(new Uint8Array(3000));
  });

  it.each([
    ['it is too long', async () => named(await zeros(5_000_000))],
    ['it is damaged', async () => named(Uint8Array.of(1, 2, 3))],
    ['it has no name', async () => new Uint8Array(200).fill(65)],
  ])('is empty when %s', async (_, make) => {
    expect((await inflateProfile(await make())).length).toBe(0);
  });
});
