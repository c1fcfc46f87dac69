import { describe, expect, it } from 'vitest';
import { inverse, product, SRGB, times, toXyz, transposed } from '../../../src/images/colour/matrix.ts';

describe('a matrix', () => {
  it('leads from sRGB to XYZ of D50', () => {
    // The numbers of the profile sRGB2014.icc of the ICC.
    const expected = [
      [0.4361, 0.3851, 0.1431],
      [0.2225, 0.7169, 0.0606],
      [0.0139, 0.0971, 0.7141],
    ];
    for (const [row, values] of toXyz(SRGB).entries())
      for (const [column, value] of values.entries()) expect(value).toBeCloseTo(expected[row]![column]!, 3);
  });

  it('and its inverse change nothing', () => {
    const matrix = toXyz(SRGB);
    const [x, y, z] = times(product(inverse(matrix), matrix), [1, 2, 3]);

    expect([x, y, z].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 2, 3]);
    expect(transposed(transposed(matrix))).toEqual(matrix);
  });

  it('without an inverse is refused', () => {
    expect(() =>
      inverse([
        [1, 2, 3],
        [2, 4, 6],
        [0, 0, 1],
      ]),
    ).toThrow(RangeError);
  });
});
