import { describe, expect, it } from 'vitest';
import { chooseJpegScale } from '../../src/images/choose-jpeg-scale.ts';
import type { JpegFrame } from '../../src/images/jpeg-frame.ts';

const MIB = 2 ** 20;
/** A JPEG in 4:2:0. */
const frame = (width: number, height: number, progressive = false): JpegFrame => ({
  ...{ width, height, progressive, ids: [1, 2, 3] },
  sampling: [
    { horizontal: 2, vertical: 2 },
    { horizontal: 1, vertical: 1 },
    { horizontal: 1, vertical: 1 },
  ],
});

describe('the scale of a JPEG', () => {
  it.each([
    [0.01, 1],
    [0.0625, 2],
    [0.125, 4],
    [0.13, 8],
    [1, 8],
    [3, 8],
  ])('for a share of %d is %i eighths, four times what is wanted', (wanted, eighths) => {
    expect(chooseJpegScale(frame(1000, 1000), 100_000, wanted, 0)).toBe(eighths);
  });

  it('leaves twice the wanted size where four times would take too long', () => {
    expect(chooseJpegScale(frame(4000, 3000), 3_000_000, 0.125, 0)).toBe(2);
    expect(chooseJpegScale(frame(4000, 3000), 8_000_000, 0.125, 0)).toBe(4);
  });

  it('leaves four times the wanted size of a progressive picture, which takes its time for the coefficients', () => {
    expect(chooseJpegScale(frame(4000, 3000, true), 1_000_000, 0.125, 0)).toBe(4);
  });

  it('is the smallest that covers the output where a finer one takes much more memory', () => {
    expect(chooseJpegScale(frame(4000, 3000), MIB, 0.5, 0)).toBe(4);
    expect(chooseJpegScale(frame(8000, 6000), MIB, 0.25, 0)).toBe(2);
  });

  it('is full size for a small picture', () => {
    expect(chooseJpegScale(frame(640, 480), MIB, 0.01, 0)).toBe(8);
  });

  it('is one step smaller when the sufficient one does not fit and the loss is small', () => {
    const large = frame(9000, 9000);

    expect(chooseJpegScale(large, MIB, 0.25, 0)).toBe(2);
    expect(chooseJpegScale(large, MIB, 0.55, 0)).toBe(4);
    expect(() => chooseJpegScale(large, MIB, 0.7, 0)).toThrow('To make this size of a JPEG of 9000×9000');
  });

  it('is refused when the coefficients of a progressive JPEG do not fit', () => {
    expect(() => chooseJpegScale(frame(8000, 6000, true), MIB, 0.1, 0)).toThrow('a progressive JPEG of 8000×6000');
  });

  it('counts the memory of the other work', () => {
    expect(() => chooseJpegScale(frame(1000, 1000), MIB, 1, 107 * MIB)).toThrow('the limit is 108 MiB');
  });
});
