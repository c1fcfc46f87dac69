import { describe, expect, it } from 'vitest';
import { type Fit, type ImageFormat, type ResizeOptions, resizeImage, sniffFormat } from '../../src/images/index.ts';
import { aPhoto, aPng, CORNERS, difference, see } from '../support/photos.ts';
import * as samples from './samples.ts';

const WHITE = [255, 255, 255, 255];

/** Makes one output, in a box of 120×120 unless told otherwise. */
async function resize(bytes: Uint8Array, options: Partial<ResizeOptions> = {}) {
  const complete: ResizeOptions = { width: 120, height: 120, fit: 'inside', format: 'jpeg', quality: 90, ...options };
  const report = await resizeImage(bytes, [complete]);
  const output = report.outputs[0]!;
  return { ...report, output, seen: see(output.bytes) };
}

describe('orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a photo with orientation %i upright', async (orientation) => {
    const { output, seen, source } = await resize(await aPhoto({ orientation }));

    expect(source.orientation).toBe(orientation);
    expect([output.width, output.height]).toEqual([120, 80]);
    const expected = Object.values(CORNERS);
    for (const [index, colour] of seen.corners().entries())
      expect(difference(colour, expected[index]!)).toBeLessThan(24);
  });

  it.each(['cover', 'contain'] as Fit[])('applies the box of %s to the upright picture', async (fit) => {
    const { seen } = await resize(await aPhoto({ orientation: 6 }), { width: 60, height: 90, fit });

    expect([seen.width, seen.height]).toEqual([60, 90]);
  });

  it('turns a WebP upright too', async () => {
    const { source, seen } = await resize(samples.webpTurned, { format: 'png' });

    expect(source.orientation).toBe(6);
    expect([seen.width, seen.height]).toEqual([32, 48]);
    expect(difference(seen.at(-4, 4), [220, 40, 40])).toBeLessThan(40);
  });
});

describe('fit', () => {
  it.each([
    ['inside', 100, 100, [100, 67]],
    ['inside', 1000, 1000, [480, 320]],
    ['inside', 480, 1, [2, 1]],
    ['cover', 100, 100, [100, 100]],
    ['cover', 600, 600, [600, 600]],
    ['contain', 100, 100, [100, 100]],
    ['contain', 600, 500, [600, 500]],
  ] as [Fit, number, number, number[]][])('%s in a box of %i×%i', async (fit, width, height, expected) => {
    const { output, seen } = await resize(await aPhoto(), { fit, width, height });

    expect([output.width, output.height]).toEqual(expected);
    expect([seen.width, seen.height]).toEqual(expected);
  });

  it('cover keeps the centre', async () => {
    const { seen } = await resize(await aPhoto(), { fit: 'cover' });

    for (const [index, corner] of Object.values(CORNERS).entries()) {
      expect(difference(seen.corners()[index]!, corner)).toBeGreaterThan(30);
    }
  });

  it('contain pads with white in a JPEG', async () => {
    const { seen } = await resize(await aPhoto(), { fit: 'contain' });

    expect(difference(seen.at(60, 4), WHITE)).toBeLessThan(4);
    expect(difference(seen.at(2, 22), CORNERS.topLeft)).toBeLessThan(24);
  });

  it.each(['png', 'webp', 'webp-lossless'] as ImageFormat[])(
    'contain pads with transparent pixels in a %s',
    async (format) => {
      const { seen } = await resize(await aPhoto(), { fit: 'contain', format });

      expect(seen.at(60, 4)).toEqual([0, 0, 0, 0]);
      expect(seen.at(60, 60)[3]).toBe(255);
    },
  );

  it('crops a very long picture', async () => {
    const { seen } = await resize(aPng(4000, 4, [9, 99, 199, 255]), {
      fit: 'cover',
      width: 200,
      height: 200,
      format: 'png',
    });

    expect(seen.at(100, 100)).toEqual([9, 99, 199, 255]);
  });
});

describe('formats', () => {
  it.each(['jpeg', 'png', 'webp', 'webp-lossless'] as ImageFormat[])('writes %s', async (format) => {
    const { output } = await resize(await aPhoto(), { format });

    const written = format === 'webp-lossless' ? 'webp' : format;
    expect(sniffFormat(output.bytes)).toBe(written);
    expect(output.contentType).toBe(`image/${written}`);
  });

  it.each(['jpeg', 'webp'] as ImageFormat[])('a lower quality makes a smaller %s', async (format) => {
    const photo = await aPhoto();
    const [small, large] = await Promise.all([30, 95].map((quality) => resize(photo, { quality, format })));

    expect(small!.output.bytes.length).toBeLessThan(large!.output.bytes.length);
  });

  it.each(['png', 'webp', 'webp-lossless'] as ImageFormat[])(
    'keeps the transparency of a PNG in a %s',
    async (format) => {
      const { seen } = await resize(aPng(200, 200, [200, 100, 0, 128]), { format });

      expect(difference(seen.at(60, 60), [200, 100, 0, 128])).toBeLessThan(3);
    },
  );

  it('puts a transparent PNG on white in a JPEG', async () => {
    const { seen } = await resize(aPng(200, 200, [200, 100, 0, 128]));

    expect(difference(seen.at(60, 60), [227, 177, 127])).toBeLessThan(5);
  });

  it.each([
    ['progressive JPEG', samples.progressive, [220, 40, 40]],
    ['grey JPEG', samples.grey, [94, 94, 94]],
    ["CMYK JPEG with Adobe's marker", samples.cmyk, [220, 40, 40]],
    ["CMYK JPEG without Adobe's marker", samples.cmykWithoutAdobe, [220, 40, 40]],
    ['GIF', samples.gif, [220, 40, 40]],
  ] as const)('reads a %s', async (_name, bytes, topLeft) => {
    const { seen } = await resize(bytes, { format: 'png', width: 24, height: 24 });

    expect([seen.width, seen.height]).toEqual([24, 16]);
    expect(difference(seen.at(4, 3), topLeft)).toBeLessThan(20);
    expect(difference(seen.at(4, -4), [240, 240, 240])).toBeLessThan(20);
    expect(difference(seen.at(-4, -4), [20, 20, 20])).toBeLessThan(20);
  });
});

describe('several outputs', () => {
  it('come in the order asked for', async () => {
    const sizes = [300, 60, 120];
    const { outputs } = await resizeImage(
      await aPhoto({ orientation: 8 }),
      sizes.map((width) => ({ width, height: width, fit: 'inside', format: 'webp', quality: 80 })),
    );

    expect(outputs.map((output) => output.width)).toEqual(sizes);
    for (const output of outputs) expect(difference(see(output.bytes).at(2, 2), CORNERS.topLeft)).toBeLessThan(24);
  });
});
