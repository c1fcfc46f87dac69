import { describe, expect, it } from 'vitest';
import type { Pixels } from '../../src/images/pixels.ts';
import { foreseeResampleBytes, resample } from '../../src/images/resample.ts';

/** Grey pixels, given row by row. */
const grey = (rows: number[][]): Pixels => ({
  ...{ data: Uint8Array.from(rows.flat()), width: rows[0]?.length ?? 0, height: rows.length, colour: 'grey' },
});
const wholeOf = ({ width, height }: Pixels) => ({ left: 0, top: 0, width, height });
const flat = (value: number, width: number, height: number) =>
  grey(Array.from({ length: height }, () => Array.from({ length: width }, () => value)));

describe('resample', () => {
  it('copies pixels when nothing changes', () => {
    const source = grey([
      [1, 2],
      [3, 4],
    ]);
    const copy = resample(source, wholeOf(source), { width: 2, height: 2 });

    expect(copy).toEqual(source);
    expect(copy.data).not.toBe(source.data);
  });

  it.each([
    [3, 3],
    [20, 10],
    [100, 100],
  ])('keeps an even colour even at %i×%i', (width, height) => {
    const source = flat(123, 20, 20);

    expect(new Set(resample(source, wholeOf(source), { width, height }).data)).toEqual(new Set([123]));
  });

  it.each([
    ['grey', 1],
    ['rgb', 3],
    ['rgba', 4],
  ] as const)('undoes the blur of halved pixels in %s', (colour, channels) => {
    // A wave of 5 pixels, as it is after each two pixels became their mean.
    const wave = (size: number, soft: number) =>
      Uint8Array.from({ length: size * size * channels }, (_, at) =>
        at % 4 === 3 && channels === 4
          ? 255
          : 128 + 100 * soft * Math.cos((2 * Math.PI * (Math.floor(at / channels) % size)) / (size / 10)),
      );
    const source = { data: wave(100, Math.cos(Math.PI / 20)), width: 100, height: 100, colour };
    const deviation = (sharpness: number) => {
      const { data } = resample(source, { left: 0, top: 0, width: 100, height: 100 }, { width: 50, height: 50 }, 3, {
        sharpness,
      });
      const values = [...data].filter((_, at) => at % channels === 0);
      return (Math.max(...values) - Math.min(...values)) / 2;
    };

    expect(deviation(0)).toBeLessThan(deviation(0.015));
    expect(deviation(0.015)).toBeLessThan(104);
  });

  it('keeps an even colour even, however sharp', () => {
    const source = flat(123, 20, 20);

    expect(new Set(resample(source, wholeOf(source), { width: 7, height: 7 }, 3, { sharpness: 0.015 }).data)).toEqual(
      new Set([123]),
    );
  });

  it('takes only the part that is asked for', () => {
    const source = grey(Array.from({ length: 20 }, () => [...Array(10).fill(0), ...Array(10).fill(200)]));
    const right = resample(source, { left: 15, top: 0, width: 5, height: 20 }, { width: 2, height: 2 });

    expect([...right.data].every((value) => value > 190)).toBe(true);
  });

  it('does not let the colour of transparent pixels show', () => {
    const source: Pixels = {
      data: Uint8Array.from([255, 0, 0, 0, 0, 0, 200, 255]),
      ...{ width: 2, height: 1, colour: 'rgba' },
    };
    const [red, , blue, alpha] = resample(source, wholeOf(source), { width: 1, height: 1 }).data;

    expect(red).toBe(0);
    expect(blue).toBe(200);
    expect(alpha).toBeGreaterThan(100);
    expect(alpha).toBeLessThan(155);
  });

  it('foresees memory for one row and the weights', () => {
    expect(foreseeResampleBytes({ width: 1000, height: 10 })).toBeLessThan(1000 * 50);
    expect(foreseeResampleBytes({ width: 1000, height: 10 })).toBeGreaterThan(1000 * 16);
  });
});
