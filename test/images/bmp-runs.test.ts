import { describe, expect, it } from 'vitest';
import { readBmpFrame } from '../../src/images/bmp-frame.ts';
import { unpackRuns } from '../../src/images/bmp-runs.ts';
import { aBmpOf } from './bmps.ts';

const unpack = (packed: number[], bits = 8) => {
  const bytes = aBmpOf({ bits, compression: bits === 8 ? 1 : 2, packed });
  return [...unpackRuns(bytes, readBmpFrame(bytes))];
};

describe('unpackRuns', () => {
  it('repeats a pixel, copies pixels, steps and ends rows', () => {
    expect(unpack([3, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 1, 1, 2, 0, 1])).toEqual([
      ...[1, 1, 1, 0, 0],
      ...[1, 2, 3, 0, 0],
      ...[0, 0, 0, 0, 2],
    ]);
  });

  it('takes two pixels by turns from a byte of 4 bits', () => {
    expect(unpack([5, 0x12, 0, 1], 4).slice(0, 5)).toEqual([1, 2, 1, 2, 1]);
  });

  it('leaves out the filling of a row', () => {
    expect(unpack([8, 1, 0, 0, 0, 1])).toEqual([1, 1, 1, 1, 1, ...new Array(10).fill(0)]);
  });
});
