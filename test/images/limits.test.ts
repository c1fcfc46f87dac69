import { describe, expect, it } from 'vitest';
import { ImageError, type ImageErrorCode, type ResizeOptions, resizeImage } from '../../src/images/index.ts';
import { aJpegHeader, aPhoto, aPng, aPngHeader } from '../support/photos.ts';
import * as samples from './samples.ts';

const MIB = 2 ** 20;
const thumbnail: ResizeOptions = { width: 120, height: 120, fit: 'inside', format: 'jpeg', quality: 80 };

async function refusal(bytes: Uint8Array, options = thumbnail): Promise<{ code: ImageErrorCode; message: string }> {
  const error = await resizeImage(bytes, [options]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ImageError);
  return error as ImageError;
}

describe('memory', () => {
  it('for a photo of 12 megapixels stays below 32 MiB', async () => {
    const photo = await aPhoto({ width: 4000, height: 3000, orientation: 6 });
    const { outputs, peakWasmBytes } = await resizeImage(photo, [{ ...thumbnail, width: 500, height: 500 }]);

    expect([outputs[0]?.width, outputs[0]?.height]).toEqual([500, 375]);
    expect(peakWasmBytes).toBeGreaterThan(MIB);
    expect(peakWasmBytes).toBeLessThan(32 * MIB);
  }, 30_000);

  it('does not grow over 30 pictures', async () => {
    const photo = await aPhoto({ width: 1200, height: 900 });
    const png = aPng(300, 300, [1, 2, 3, 255]);
    const peaks: number[] = [];
    for (let round = 0; round < 30; round++) {
      await resizeImage(png, [{ ...thumbnail, format: 'webp-lossless' }]);
      peaks.push((await resizeImage(photo, [thumbnail])).peakWasmBytes);
    }

    expect(peaks.at(-1)).toBe(peaks[1]);
  });

  it('for a large picture is freed after it', async () => {
    const { peakWasmBytes: large } = await resizeImage(aPng(2000, 1500, [1, 2, 3, 255]), [thumbnail]);
    const { peakWasmBytes: small } = await resizeImage(aPng(100, 100, [1, 2, 3, 255]), [thumbnail]);

    expect(large).toBeGreaterThan(24 * MIB);
    expect(small).toBeLessThan(16 * MIB);
  });
});

describe('a limit', () => {
  it.each([
    ['PNG', aPngHeader(20_000, 20_000), /400 megapixels; the limit .*PNG.* is 6\./],
    ['JPEG', aJpegHeader(20_000, 20_000), /400 megapixels; the limit for a JPEG is 100\./],
    ['PNG of one long row', aPngHeader(5_900_000, 1), /5900000×1 has a side of more than 65,535 pixels/],
    ['PNG just above its cap', aPngHeader(3001, 2000), /6 megapixels.* is 6\./],
  ])('refuses a %s from its header alone', async (_name, bytes, message) => {
    expect(await refusal(bytes)).toMatchObject({ code: 'image_too_large', message: expect.stringMatching(message) });
  });

  it('accepts a picture with the longest allowed side', async () => {
    const { outputs } = await resizeImage(aPng(65_535, 1, [1, 2, 3, 255]), [thumbnail]);

    expect([outputs[0]?.width, outputs[0]?.height]).toEqual([120, 1]);
  });

  it('refuses a progressive JPEG whose coefficients do not fit, and names the memory it would take', async () => {
    const bytes = aJpegHeader(8000, 6000);
    bytes[3] = 0xc2;
    const whole = Uint8Array.from([...bytes, 0xff, 0xd9]);

    expect(await refusal(whole)).toMatchObject({
      code: 'image_too_large',
      message: expect.stringMatching(
        /progressive JPEG of 8000×6000 would take \d+ MiB of memory; the limit is 108 MiB/,
      ),
    });
  });

  it('refuses an output that does not fit into memory', async () => {
    const options = { ...thumbnail, fit: 'cover', width: 4096, height: 4096 } as const;

    expect((await refusal(await aPhoto(), options)).code).toBe('image_too_large');
  });

  it.each([{ width: 0 }, { width: 4097 }, { height: 1.5 }, { height: Number.NaN }, { quality: 0 }, { quality: 101 }])(
    'refuses a size or quality out of range: %o',
    async (wrong) => {
      expect((await refusal(await aPhoto(), { ...thumbnail, ...wrong })).code).toBe('invalid_size');
    },
  );
});

describe('a file that is not a good picture', async () => {
  const photo = await aPhoto();
  const png = aPng(300, 300, [10, 20, 30, 255]);
  const overwritten = (bytes: Uint8Array, value: (at: number) => number) =>
    bytes.map((byte, at) => (at > bytes.length / 2 && at < bytes.length / 2 + 500 ? value(at) : byte));
  const text = (content: string) => new TextEncoder().encode(content);

  it.each<[string, Uint8Array, ImageErrorCode]>([
    ['no bytes', new Uint8Array(0), 'not_an_image'],
    ['text', text('hello, this is not an image at all'), 'not_an_image'],
    ['a PDF', text('%PDF-1.7 …'), 'not_an_image'],
    ['HEIC', text('\0\0\0\x18ftypheic\0\0\0\0'), 'unsupported_image'],
    ['a JPEG cut in half', photo.subarray(0, photo.length / 2), 'broken_image'],
    ['a JPEG without its last bytes', photo.subarray(0, -20), 'broken_image'],
    ['a JPEG cut in its header', photo.subarray(0, 60), 'broken_image'],
    ['the start of a JPEG', photo.subarray(0, 3), 'broken_image'],
    ['a JPEG overwritten in the middle', overwritten(photo, (at) => (at * 7919) & 255), 'broken_image'],
    [
      'a JPEG with its tables overwritten',
      photo.map((byte, at) => (at > 60 && at < 160 ? 0xfe : byte)),
      'broken_image',
    ],
    ['a PNG cut in half', png.subarray(0, png.length / 2), 'broken_image'],
    ['a PNG overwritten in the middle', png.map((byte, at) => (at > 60 && at < 160 ? 0xaa : byte)), 'broken_image'],
    ['a PNG header alone', aPngHeader(100, 100), 'broken_image'],
    ['a GIF header alone', text('GIF89a'), 'broken_image'],
    ['a WebP header alone', text('RIFF\x10\0\0\0WEBP'), 'broken_image'],
    ['a WebP cut off', samples.webpTurned.subarray(0, -20), 'broken_image'],
    ['a GIF cut off', samples.gif.subarray(0, -30), 'broken_image'],
    ['a BMP header alone', text('BM\x01\x01\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'), 'broken_image'],
  ])('is refused, and the next picture succeeds: %s', async (_name, bytes, code) => {
    expect((await refusal(bytes)).code).toBe(code);

    const [fromJpeg, fromPng] = await Promise.all([resizeImage(photo, [thumbnail]), resizeImage(png, [thumbnail])]);
    expect(fromJpeg.outputs[0]?.width).toBe(120);
    expect(fromPng.outputs[0]?.width).toBe(120);
  });

  it('is not one only because other data follows the end of a JPEG', async () => {
    const followed = Uint8Array.from([...photo, 0, 0, 0, ...photo.subarray(0, 999)]);

    expect((await resizeImage(followed, [thumbnail])).outputs[0]?.width).toBe(120);
  });
});
