import { describe, expect, it } from 'vitest';
import { labToXyz } from '../../../src/images/colour/device-table.ts';
import { D50, scaledBy } from '../../../src/images/colour/matrix.ts';
import { darkened, withoutBlack } from '../../../src/images/colour/read-profile.ts';

describe('the black of a profile', () => {
  it('keeps its tint', () => {
    expect(darkened([0.02, 0.01, 0.005])).toEqual([0.02, 0.01, 0.005]);
  });

  it('is no lighter than a medium colour', () => {
    const [l, a, b] = [70, 10, -20] as const;

    for (const [index, value] of darkened(labToXyz([l, a, b])).entries())
      expect(value).toBeCloseTo(labToXyz([50, a, b])[index]!, 6);
  });

  it('is 0 in the profile of a negative, and where it is less than nothing', () => {
    expect(darkened(D50)).toEqual([0, 0, 0]);
    expect(darkened([-0.01, -0.01, -0.01])).toEqual([0, 0, 0]);
  });

  it('becomes 0, and white stays', () => {
    const black = scaledBy(D50, 0.1);

    expect(withoutBlack(black, black)).toEqual([0, 0, 0]);
    for (const [index, value] of withoutBlack(D50, black).entries()) expect(value).toBeCloseTo(D50[index]!, 9);
  });
});
