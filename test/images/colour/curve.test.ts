import { describe, expect, it } from 'vitest';
import { power, readCurve, table } from '../../../src/images/colour/curve.ts';

const latin = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const fixed = (value: number) => {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setInt32(0, Math.round(value * 65_536));
  return [...data];
};
const curv = (...values: number[]) => [...latin('curv'), 0, 0, 0, 0, 0, 0, 0, values.length / 2, ...values];
const para = (kind: number, ...values: number[]) => [
  ...latin('para'),
  0,
  0,
  0,
  0,
  0,
  kind,
  0,
  0,
  ...values.flatMap(fixed),
];

describe('a curve', () => {
  it.each([
    ['nothing', curv(), 0.4, 0.4],
    ['a power', curv(2, 0), 0.5, 0.25],
    ['a table', curv(0, 0, 0x80, 0, 0xff, 0xff), 0.25, 0.25],
    ['kind 0', para(0, 2), 0.5, 0.25],
    ['kind 1, below its limit', para(1, 2, 1, -0.5), 0.4, 0],
    ['kind 1, above its limit', para(1, 2, 2, -1), 0.75, 0.25],
    ['kind 2', para(2, 2, 1, 0, 0.25), 0.5, 0.5],
    ['kind 1, without a slope', para(1, 2, 0, 0.5), 0.5, 0],
    ['kind 2, below its limit', para(2, 2, 1, -0.5, 0.1), 0.4, 0.1],
    ['kind 2, where its power is 0', para(2, 2, 1, 0, 0.1), 0, 0],
    ['kind 2, without a slope', para(2, 2, 0, 0.5, 0.1), 0.5, 0],
    ['kind 3, below its limit', para(3, 2, 1, 0, 0.1, 0.5), 0.4, 0.04],
    ['kind 3, above its limit', para(3, 2, 1, 0, 0.1, 0.5), 0.6, 0.36],
    ['kind 4, below its limit', para(4, 2, 1, 0, 0.1, 0.5, 0.2, 0.3), 0.4, 0.34],
    ['kind 4, above its limit', para(4, 2, 1, 0, 0.1, 0.5, 0.2, 0.3), 0.6, 0.56],
  ])('of %s', (_, bytes, value, expected) => {
    const { curve, end } = readCurve(Uint8Array.from(bytes), 0);

    expect(curve(value)).toBeCloseTo(expected, 3);
    expect(end).toBe(bytes.length);
  });

  it.each([
    ['ends too early', curv(0, 0, 1, 1).slice(0, -1)],
    ['has an unknown kind', para(7, 1)],
    ['has an unknown type', latin('text00000000')],
  ])('is refused when it %s', (_, bytes) => {
    expect(() => readCurve(Uint8Array.from(bytes), 0)).toThrow(RangeError);
  });

  it('stays between its ends', () => {
    expect(table(Float64Array.of(0.1, 0.9))(-1)).toBe(0.1);
    expect(table(Float64Array.of(0.1, 0.9))(2)).toBeCloseTo(0.9);
    expect(power(2)(-1)).toBe(0);
  });
});
