import { describe, expect, it } from 'vitest';
import { type Colour, flatten, type Pixels, pad, toRgba } from '../../src/images/pixels.ts';

const onePixel = (colour: Colour, ...data: number[]): Pixels => ({
  ...{ data: Uint8Array.from(data), width: 1, height: 1, colour },
});

describe('toRgba', () => {
  it.each<[Pixels, number[]]>([
    [onePixel('grey', 7), [7, 7, 7, 255]],
    [onePixel('rgb', 1, 2, 3), [1, 2, 3, 255]],
    [onePixel('cmyk', 0, 0, 0, 0), [255, 255, 255, 255]],
    [onePixel('cmyk', 255, 0, 0, 0), [0, 255, 255, 255]],
    [onePixel('cmyk', 0, 0, 0, 255), [0, 0, 0, 255]],
  ])('converts %j', (pixels, rgba) => {
    expect([...toRgba(pixels).data]).toEqual(rgba);
  });

  it('returns RGBA pixels as they are', () => {
    const pixels = onePixel('rgba', 1, 2, 3, 4);

    expect(toRgba(pixels)).toBe(pixels);
  });
});

describe('pad', () => {
  it('puts the picture into the middle of a transparent one', () => {
    const { data, width, height } = pad(onePixel('rgba', 9, 9, 9, 255), 3, 1);

    expect([width, height]).toEqual([3, 1]);
    expect([...data]).toEqual([0, 0, 0, 0, 9, 9, 9, 255, 0, 0, 0, 0]);
  });
});

describe('flatten', () => {
  it.each([
    [
      [100, 0, 200, 255],
      [100, 0, 200, 255],
    ],
    [
      [100, 0, 200, 0],
      [255, 255, 255, 255],
    ],
    [
      [0, 0, 0, 51],
      [204, 204, 204, 255],
    ],
  ])('puts %j on white', (before, after) => {
    const pixels = onePixel('rgba', ...before);

    flatten(pixels);

    expect([...pixels.data]).toEqual(after);
  });
});
