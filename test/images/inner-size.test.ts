import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { gifFrame, webpFrameSizes } from '../../src/images/inner-size.ts';
import { aJpegHeader, aPhoto, aPng, aPngHeader } from '../support/photos.ts';
import { aBmp, aGifOf, aPngOf, aWebpOf, chunk, join, zeros } from './bombs.ts';
import * as samples from './samples.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const MIB = 2 ** 20;
const pixels = await zeros(110);
const photo = await aPhoto();
const webp = (await resizeImage(aPng(300, 200, [1, 2, 3, 255]), [{ ...options, format: 'webp-lossless' }])).outputs[0]!
  .bytes;

describe('the sizes inside a picture', () => {
  it('are those of the first frame of a GIF', () => {
    expect(gifFrame(aGifOf(10, 60_000, 1))?.size).toEqual({ width: 60_000, height: 60_000 });
    expect(gifFrame(samples.gif)?.size).toEqual({ width: 48, height: 32 });
    expect(gifFrame(aGifOf(0, 20))?.screen).toEqual({ width: 20, height: 20 });
    expect(gifFrame(aGifOf(30, 20))?.screen).toEqual({ width: 30, height: 30 });
    expect(gifFrame(aGifOf(10, 10).subarray(0, 20))).toBeUndefined();
  });

  it('are those of all bitstreams of a WebP', () => {
    expect(webpFrameSizes(webp)).toEqual([{ width: 120, height: 80 }]);
    expect(webpFrameSizes(aWebpOf(10, 10, webp))).toEqual([{ width: 120, height: 80 }]);
    expect(webpFrameSizes(samples.webpTurned)).toEqual([{ width: 48, height: 32 }]);
  });
});

describe('a GIF with a frame larger than its screen', () => {
  it('is measured by its frame', async () => {
    await expect(resize(aGifOf(10, 60_000, 100))).rejects.toMatchObject({
      code: 'image_too_large',
      message: expect.stringMatching('60000×60000'),
    });
  });
});

describe('a picture whose header gives a false size', () => {
  const huge = webp.slice();
  new DataView(huge.buffer).setUint32(21, 0x0fffffff, true);
  const frame = aJpegHeader(20_000, 4000).slice(2, 21);

  it.each([
    ['a PNG with fewer pixels than its header says', aPngOf(2000, 2000, [['IDAT', pixels]]), /cannot be decoded/],
    [
      'a PNG with another chunk in the place of its header',
      join(
        aPngHeader(10, 10).slice(0, 8),
        chunk('tEXt', aPngHeader(10, 10).slice(16, 29)),
        aPngHeader(4000, 4000).slice(8),
      ),
      /does not begin with its header/,
    ],
    ['a WebP with a frame larger than its canvas', aWebpOf(10, 10, huge), /10×10, but a frame in it is 16384×16384/],
    ['a JPEG with two frames', join(photo.slice(0, 2), frame, photo.slice(2)), /it has two frames/],
    [
      'a BMP with fewer pixels than its header says',
      aBmp(50, 40, [9, 9, 9]).subarray(0, 300),
      /ends too early: 39 of its 40 rows/,
    ],
  ])('is refused, and the next picture succeeds: %s', async (_name, bytes, message) => {
    await expect(resize(bytes)).rejects.toMatchObject({
      code: 'broken_image',
      message: expect.stringMatching(message),
    });

    const [fromJpeg, fromPng] = await Promise.all([resize(photo), resize(aPngOf(10, 10, [['IDAT', pixels]]))]);
    expect([fromJpeg.outputs[0]?.width, fromPng.outputs[0]?.width]).toEqual([120, 10]);
  });

  it('with a canvas larger than its frame is read within the limits', async () => {
    const { outputs, peakWasmBytes } = await resize(aWebpOf(500, 500, webp));

    expect(outputs[0]?.width).toBe(120);
    expect(peakWasmBytes).toBeLessThan(32 * MIB);
  });
});
