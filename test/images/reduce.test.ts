import { describe, expect, it } from 'vitest';
import type { Pixels } from '../../src/images/pixels.ts';
import { foreseeReducedBytes, reduce, reductionFor } from '../../src/images/reduce.ts';

const pixels = (colour: Pixels['colour'], width: number, height: number, ...data: number[]): Pixels => ({
  ...{ data: Uint8Array.from(data), width, height, colour },
});

describe('reduce', () => {
  it('makes the mean of four pixels', () => {
    expect([...reduce(pixels('grey', 2, 2, 10, 20, 30, 41), 2).data]).toEqual([25]);
    const rgb = pixels('rgb', 2, 2, 0, 10, 20, 40, 10, 20, 0, 10, 20, 40, 50, 20);
    expect([...reduce(rgb, 2).data]).toEqual([20, 20, 20]);
  });

  it('halves again for a larger factor', () => {
    const all = Array.from({ length: 16 }, (_, at) => at);
    expect(reduce(pixels('grey', 4, 4, ...all), 4)).toEqual(pixels('grey', 1, 1, 8));
  });

  it('counts an odd last column and row twice', () => {
    const reduced = reduce(pixels('grey', 3, 3, 0, 0, 8, 0, 0, 8, 4, 4, 100), 2);
    expect(reduced).toEqual(pixels('grey', 2, 2, 0, 8, 4, 100));
  });

  it('gives transparent pixels no colour', () => {
    const rgba = pixels('rgba', 2, 2, 255, 0, 0, 0, 255, 0, 0, 0, 10, 20, 30, 255, 10, 20, 30, 255);
    expect([...reduce(rgba, 2).data]).toEqual([10, 20, 30, 128]);
    expect([...reduce(pixels('rgba', 2, 2, ...Array(16).fill(0)), 2).data]).toEqual([0, 0, 0, 0]);
  });
});

describe('the factor', () => {
  it.each([
    [1000, 0.01, 1],
    [2000, 0.25, 2],
    [2000, 0.26, 1],
    [4000, 0.05, 4],
    [4000, 0.2, 2],
    [4000, 2, 1],
  ])('for a side of %i pixels and a share of %d is %i', (side, wanted, factor) => {
    expect(reductionFor({ width: side, height: side }, wanted)).toBe(factor);
  });

  it('tells the memory', () => {
    expect(foreseeReducedBytes({ width: 1000, height: 1000 }, 4, 0.01)).toBe(0);
    expect(foreseeReducedBytes({ width: 3000, height: 1000 }, 4, 0.1)).toBe(4_000_000);
  });
});
