import { describe, expect, it } from 'vitest';
import { decodeJpeg, foreseeJpegBytes, jpegSlot } from '../../src/images/jpeg-decoder.ts';
import { readJpegFrame } from '../../src/images/jpeg-frame.ts';
import { aPhoto, CORNERS, difference } from '../support/photos.ts';
import * as samples from './samples.ts';

const photo = await aPhoto({ width: 800, height: 600 });
const frame = readJpegFrame(photo);

describe('the JPEG decoder', () => {
  it.each([
    [1, 100, 75],
    [2, 200, 150],
    [4, 400, 300],
    [8, 800, 600],
  ] as const)('decodes at %i eighths of the size', (eighths, width, height) => {
    expect(decodeJpeg(photo, frame, eighths, (pixels) => [pixels.width, pixels.height, pixels.data.length])).toEqual([
      ...[width, height, width * height * 3],
    ]);
  });

  it.each([
    ['grey', samples.grey],
    ['rgb', samples.progressive],
    ['cmyk', samples.cmyk],
  ] as const)('gives the colours of a %s picture', (colour, bytes) => {
    expect(decodeJpeg(bytes, readJpegFrame(bytes), 8, (pixels) => pixels.colour)).toBe(colour);
  });

  it('reports damage, and decodes the next picture', () => {
    const damaged = photo.map((byte, at) => (at > 60 && at < 160 ? 0xfe : byte));

    expect(() => decodeJpeg(damaged, frame, 8, () => 0)).toThrow('The JPEG is damaged');
    expect(decodeJpeg(photo, frame, 1, ({ width }) => width)).toBe(100);
  });

  it('leaves the colours of a smaller picture as they are stored', () => {
    const [rgb, ycc] = ([8, 4] as const).map((eighths) =>
      decodeJpeg(photo, frame, eighths, ({ colour, data }) => [colour, ...data.subarray(0, 3)]),
    );

    expect(rgb?.[0]).toBe('rgb');
    expect(difference(rgb?.slice(1) as number[], CORNERS.topLeft)).toBeLessThan(8);
    // The corner is [220, 40, 40]: of medium brightness, and far more red than blue.
    expect(ycc?.[0]).toBe('ycc');
    expect(difference(ycc?.slice(1) as number[], [94, 98, 218])).toBeLessThan(8);
  });

  it('reads four components without Adobe’s marker as those with it', () => {
    const [marked, plain] = [samples.cmyk, samples.cmykWithoutAdobe].map((bytes) =>
      decodeJpeg(bytes, readJpegFrame(bytes), 8, ({ data }) => [...data]),
    );

    expect(plain).toEqual(marked);
  });
});

describe('the memory that is foreseen', () => {
  it('is about the memory that the decoder then holds, or more', () => {
    jpegSlot.trim(0);
    decodeJpeg(photo, frame, 8, () => 0);

    expect(jpegSlot.heldBytes).toBeGreaterThan(0);
    expect(foreseeJpegBytes(frame, photo.length, 8)).toBeGreaterThan(0.8 * jpegSlot.heldBytes);
  });

  it('grows with the scale, and for a progressive picture with its coefficients', () => {
    const progressive = { ...frame, progressive: true };

    expect(foreseeJpegBytes(frame, 1000, 1)).toBeLessThan(foreseeJpegBytes(frame, 1000, 2));
    expect(foreseeJpegBytes(progressive, 1000, 1) - foreseeJpegBytes(frame, 1000, 1)).toBeGreaterThan(800 * 600);
  });
});
