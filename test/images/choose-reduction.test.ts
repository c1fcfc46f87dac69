import { describe, expect, it } from 'vitest';
import { chooseReduction } from '../../src/images/choose-reduction.ts';
import type { JpegFrame } from '../../src/images/jpeg-frame.ts';

const MIB = 2 ** 20;
/** A JPEG in 4:2:0. */
const frame = (width: number, height: number, progressive = false): JpegFrame => ({
  ...{ width, height, progressive, inOneScan: !progressive, ids: [1, 2, 3], quantization: [0, 1, 1] },
  sampling: [
    { horizontal: 2, vertical: 2 },
    { horizontal: 1, vertical: 1 },
    { horizontal: 1, vertical: 1 },
  ],
});

describe('the reduction of a JPEG', () => {
  it.each([
    [0.001, 16],
    [0.03, 8],
    [0.0625, 4],
    [0.125, 2],
    [0.13, 1],
    [1, 1],
    [3, 1],
  ])('for a share of %d is %i, which leaves four times what is wanted', (wanted, reduction) => {
    expect(chooseReduction(frame(1000, 1000), 100_000, wanted, 0)).toBe(reduction);
  });

  it('leaves twice the wanted size where four times would take too long', () => {
    expect(chooseReduction(frame(4000, 3000), 1_000_000, 0.125, 0)).toBe(4);
    expect(chooseReduction(frame(4000, 3000), 1_500_000, 0.125, 0)).toBe(2);
  });

  it('leaves four times the wanted size of a progressive picture', () => {
    expect(chooseReduction(frame(4000, 3000, true), 1_000_000, 0.125, 0)).toBe(2);
  });

  it('is the largest that covers the output where a smaller one takes much more memory', () => {
    expect(chooseReduction(frame(4000, 3000), MIB, 0.5, 0)).toBe(2);
    expect(chooseReduction(frame(8000, 6000), MIB, 0.25, 0)).toBe(4);
  });

  it('is none for a small picture', () => {
    expect(chooseReduction(frame(640, 480), MIB, 0.01, 0)).toBe(1);
  });

  it('is one step larger when the sufficient one does not fit and the loss is small', () => {
    const large = frame(11_000, 11_000);

    expect(chooseReduction(large, MIB, 0.25, 0)).toBe(4);
    expect(chooseReduction(large, MIB, 0.55, 0)).toBe(2);
    expect(() => chooseReduction(large, MIB, 0.7, 0)).toThrow('To make this size of a JPEG of 11000×11000');
  });

  it('is refused when the coefficients of a progressive JPEG do not fit', () => {
    expect(() => chooseReduction(frame(8000, 6000, true), MIB, 0.1, 0)).toThrow('a progressive JPEG of 8000×6000');
  });

  it('counts the memory of the other work', () => {
    expect(() => chooseReduction(frame(1000, 1000), MIB, 1, 107 * MIB)).toThrow('the limit is 108 MiB');
  });
});
