import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { decodeJpeg, foreseeJpegBytes, jpegSlot, mixJpeg, REDUCTIONS } from '../../src/images/jpeg-decoder.ts';
import { readJpegFrame } from '../../src/images/jpeg-frame.ts';
import type { Pixels } from '../../src/images/pixels.ts';
import { resample } from '../../src/images/resample.ts';
import { aPhoto, see } from '../support/photos.ts';
import { meanDifference } from './difference.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

const photo = await aPhoto({ width: 800, height: 600 });
const frame = readJpegFrame(photo);
const decode = (bytes: Uint8Array, reduction: (typeof REDUCTIONS)[number] = 1) =>
  decodeJpeg(bytes, readJpegFrame(bytes), reduction, (pixels) => ({ ...pixels, data: pixels.data.slice() }));

/** What a reduction means, for a picture of three colours. */
function mean({ data, width, height }: Pixels, reduction: number): number[] {
  const values: number[] = [];
  for (let y = 0; y < height; y += reduction)
    for (let x = 0; x < width; x += reduction)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let row = y; row < y + reduction; row++)
          for (let column = x; column < x + reduction; column++) {
            const at = Math.min(row, height - 1) * width + Math.min(column, width - 1);
            sum += data[at * 3 + channel] ?? 0;
          }
        values.push(Math.floor(sum / reduction ** 2 + 0.5));
      }
  return values;
}

describe('the JPEG decoder', () => {
  it.each(['422', '440', '411', '420-restarts', '420-progressive', '420-three-scans', '444-fine-progressive'])(
    'decodes as libjpeg does: %s',
    async (name) => {
      const box = { width: 500, height: 500, fit: 'inside', format: 'png', quality: 80 } as const;
      const { outputs } = await resizeImage(fixture(`jpeg-${name}.jpg`), [box]);
      const [seen, right] = [see(outputs[0]!.bytes), see(fixture(`jpeg-${name}.png`))];

      expect([seen.width, seen.height]).toEqual([37, 29]);
      expect(meanDifference(outputs[0]!.bytes, fixture(`jpeg-${name}.png`))).toBeLessThan(0.3);
      for (let y = 0; y < 29; y++)
        for (let x = 0; x < 37; x++)
          for (let channel = 0; channel < 3; channel++)
            expect(Math.abs(seen.at(x, y)[channel]! - right.at(x, y)[channel]!)).toBeLessThanOrEqual(1);
    },
  );

  it.each(REDUCTIONS)('at 1/%i of the size gives the mean of the pixels', (reduction) => {
    for (const bytes of [
      fixture('jpeg-411.jpg'),
      fixture('jpeg-420-progressive.jpg'),
      fixture('lines-progressive.jpg'),
    ]) {
      const whole = decode(bytes);
      const { data, width, height } = decode(bytes, reduction);

      expect([width, height]).toEqual([Math.ceil(whole.width / reduction), Math.ceil(whole.height / reduction)]);
      expect([...data]).toEqual(mean(whole, reduction));
    }
  });

  it.each([
    ['grey', samples.grey],
    ['rgb', samples.progressive],
    ['cmyk', samples.cmyk],
  ] as const)('gives the colours of a %s picture', (colour, bytes) => {
    expect(decode(bytes).colour).toBe(colour);
  });

  it('reports damage, and decodes the next picture', () => {
    const damaged = photo.map((byte, at) => (at > 60 && at < 160 ? 0xfe : byte));

    expect(() => decodeJpeg(damaged, frame, 1, () => 0)).toThrow('The JPEG is damaged');
    expect(decode(photo, 8).width).toBe(100);
  });

  it('reads four components without Adobe’s marker as those with it', () => {
    const [marked, plain] = [samples.cmyk, samples.cmykWithoutAdobe].map((bytes) => [...decode(bytes).data]);

    expect(plain).toEqual(marked);
  });
});

describe('the filter of the decoder', () => {
  it.each([
    ['grey', samples.grey, 20, 13],
    ['colours', fixture('lines.jpg'), 105, 79],
    ['one row', fixture('lines.jpg'), 840, 1],
    ['inks', samples.cmyk, 31, 7],
    ['a larger picture', samples.progressive, 200, 300],
  ] as const)('does what that in JavaScript does: %s', (_, bytes, width, height) => {
    const [quick, right] = decodeJpeg(bytes, readJpegFrame(bytes), 1, (pixels) => {
      const crop = { left: 2.5, top: 1.2, width: pixels.width - 7, height: pixels.height - 3 };
      const size = { width, height };
      return [resample(pixels, crop, size, 3, { mix: mixJpeg }), resample(pixels, crop, size, 3)];
    });
    const differences = quick.data.map((value, at) => Math.abs(value - (right.data[at] ?? 0)));

    expect(quick.data.length).toBe(right.data.length);
    expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(1);
  });
});

describe('the memory that is foreseen', () => {
  it.each([
    ['baseline', photo, 1],
    ['baseline, reduced', photo, 4],
    ['progressive', fixture('lines-progressive.jpg'), 1],
    ['progressive, reduced', fixture('lines-progressive.jpg'), 2],
  ] as const)('is what the decoder then holds, or more: %s', (_, bytes, reduction) => {
    jpegSlot.trim(0);
    decode(bytes, reduction);
    const foreseen = foreseeJpegBytes(readJpegFrame(bytes), reduction);

    expect(foreseen).toBeGreaterThanOrEqual(jpegSlot.heldBytes - 2 ** 16);
    expect(foreseen).toBeLessThan(2.5 * jpegSlot.heldBytes);
  });

  it('shrinks with the reduction, and grows with the coefficients of several scans', () => {
    const several = { ...frame, inOneScan: false };

    expect(foreseeJpegBytes(frame, 8)).toBeLessThan(foreseeJpegBytes(frame, 4));
    expect(foreseeJpegBytes(several, 1) - foreseeJpegBytes(frame, 1)).toBeGreaterThan(800 * 600);
  });

  it('of a progressive picture is less than half of what 16 bits for each coefficient and the pixels would take', () => {
    jpegSlot.trim(0);
    decode(fixture('lines-progressive.jpg'), 2);

    expect(jpegSlot.heldBytes).toBeLessThan(1.5 * 2 ** 20);
  });
});
