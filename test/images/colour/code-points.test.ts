import { describe, expect, it } from 'vitest';
import { profileOfChunks, profileOfCodePoints } from '../../../src/images/colour/code-points.ts';

const numbers = (...values: number[]) => {
  const data = new Uint8Array(4 * values.length);
  for (const [index, value] of values.entries()) new DataView(data.buffer).setUint32(4 * index, value);
  return data;
};
const WHITE_AND_RED = [31_270, 32_900, 64_000, 33_000];

describe('code points', () => {
  it.each([1, 4, 5, 6, 8, 13, 14, 15])('give a curve for the transfer %i that leads from 0 to 1', (transfer) => {
    const profile = profileOfCodePoints(Uint8Array.of(1, transfer, 0, 1))!;
    const [curve] = profile.kind === 'matrix' ? profile.curves : [];

    expect([curve!(0), curve!(1)].map((value) => Math.round(value * 1000) / 1000)).toEqual([0, 1]);
  });

  it.each([
    ['unspecified primaries', [2, 13, 0, 1]],
    ['an unspecified curve', [1, 2, 0, 1]],
    ['YCbCr', [1, 13, 1, 1]],
    ['a narrow range', [1, 13, 0, 0]],
  ])('mean nothing with %s', (_, points) => {
    expect(profileOfCodePoints(Uint8Array.from(points))).toBeUndefined();
  });

  it.each([16, 18])('of HDR (%i) are refused', (transfer) => {
    expect(() => profileOfCodePoints(Uint8Array.of(9, transfer, 0, 1))).toThrow('HDR');
  });
});

describe('gAMA and cHRM', () => {
  it.each([
    ['a gamma of 0', numbers(0), undefined],
    ['primaries without light', undefined, numbers(...WHITE_AND_RED, 30_000, 0, 15_000, 6000)],
    ['too few primaries', undefined, numbers(...WHITE_AND_RED)],
  ])('mean nothing with %s', (_, gamma, chromaticities) => {
    expect(profileOfChunks(gamma, chromaticities)).toBeUndefined();
  });

  it('give one curve for all colours', () => {
    const profile = profileOfChunks(numbers(50_000), undefined);

    expect(profile).toMatchObject({ kind: 'matrix' });
    expect(profile?.kind === 'matrix' && profile.curves[1]!(0.5)).toBeCloseTo(0.25);
  });
});
