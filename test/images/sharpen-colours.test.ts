import { describe, expect, it } from 'vitest';
import { readJpegFrame } from '../../src/images/jpeg-frame.ts';
import type { Pixels } from '../../src/images/pixels.ts';
import { halvedColours, sharpenColours } from '../../src/images/sharpen-colours.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

/** Three pixels, one above the other or side by side: the middle one is coloured. */
const line = (width: number, height: number): Pixels => ({
  ...{ data: Uint8Array.of(90, 128, 128, 90, 168, 88, 90, 128, 128), width, height, colour: 'ycc' },
});
const sharpened = (pixels: Pixels, decoded: number, across: boolean, down: boolean) => {
  sharpenColours(pixels, decoded, { across, down });
  return [...pixels.data];
};
const SHARP = [90, 123, 133, 90, 178, 78, 90, 123, 133];

describe('sharpenColours', () => {
  it('makes colours stronger where they were halved, and leaves the brightness', () => {
    expect(sharpened(line(3, 1), 2, true, false)).toEqual(SHARP);
    expect(sharpened(line(1, 3), 2, false, true)).toEqual(SHARP);
  });

  it('leaves other pictures as they are', () => {
    expect(sharpened(line(3, 1), 2, false, true)).toEqual([...line(3, 1).data]);
    expect(sharpened(line(3, 1), 3, true, true)).toEqual([...line(3, 1).data]);
    expect(sharpened({ ...line(3, 1), colour: 'rgb' }, 2, true, true)).toEqual([...line(3, 1).data]);
  });
});

describe('halvedColours', () => {
  it('reads the sampling of the frame', () => {
    expect(halvedColours(readJpegFrame(fixture('chart.jpg')))).toEqual({ across: true, down: true });
    expect(halvedColours(readJpegFrame(samples.grey))).toEqual({ across: false, down: false });
  });
});
