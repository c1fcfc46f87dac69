import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { aJpegHeader, aPhoto, aPng, aPngHeader, difference, see } from '../support/photos.ts';
import { aBmp, aGifOf, anOs2Bmp, aPngOf, aWebpOf, chunk, join, zeros } from './bombs.ts';
import * as samples from './samples.ts';

// A busy machine.
vi.setConfig({ testTimeout: 20_000 });

const MIB = 2 ** 20;
const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const bomb = await zeros(60_000_000);
const pixels = await zeros(110);
const photo = await aPhoto();
const webp = (await resizeImage(aPng(300, 200, [1, 2, 3, 255]), [{ ...options, format: 'webp' }])).outputs[0]!.bytes;

describe('a picture that inflates to far more than it shows', () => {
  it.each<[string, [string, Uint8Array][]]>([
    [
      'in its colour profile',
      [
        ['iCCP', join(Uint8Array.from([97, 0, 0]), bomb)],
        ['IDAT', pixels],
      ],
    ],
    [
      'in its texts',
      [
        ['zTXt', join(Uint8Array.from([97, 0, 0]), bomb)],
        ['IDAT', pixels],
      ],
    ],
  ])('%s takes no memory for it', async (_name, chunks) => {
    const { outputs, peakWasmBytes } = await resize(aPngOf(10, 10, chunks));

    expect([outputs[0]?.width, outputs[0]?.height]).toEqual([10, 10]);
    expect(peakWasmBytes).toBeLessThan(16 * MIB);
  });

  it.each<[string, [string, Uint8Array][]]>([
    ['in one chunk', [['IDAT', bomb]]],
    ['over many chunks', Array.from({ length: bomb.length }, (_, at) => ['IDAT', bomb.subarray(at, at + 1)])],
  ])('in its pixels, %s, is refused', async (_name, chunks) => {
    await expect(resize(aPngOf(10, 10, chunks))).rejects.toMatchObject({
      code: 'broken_image',
      message: 'The PNG is damaged: its header says 10×10, and it holds more pixels than that.',
    });
  });

  it('by a row or two is made: some writers leave them', async () => {
    const { outputs } = await resize(aPngOf(10, 10, [['IDAT', await zeros(132)]]));

    expect(outputs[0]?.width).toBe(10);
  });

  it('only because it is interlaced is made', async () => {
    expect((await resize(samples.interlaced)).outputs[0]?.width).toBe(48);
  });
});

describe('a picture of millions of parts', () => {
  const options60 = { timeout: 60_000 };

  it('is read one part at a time: a PNG', options60, async () => {
    const chunk = aPngOf(1, 1, [['tEXt', new Uint8Array(0)]]).slice(33, 45);
    const good = aPngOf(10, 10, [['IDAT', pixels]]);
    const many = repeat(chunk, 500_000);

    const { outputs, peakWasmBytes } = await resize(join(good.slice(0, 33), many, good.slice(33)));

    expect(outputs[0]?.width).toBe(10);
    expect(peakWasmBytes).toBeLessThan(16 * MIB);
  });

  it('is read one part at a time: a JPEG', options60, async () => {
    const many = repeat(Uint8Array.from([0xff, 0xe1, 0, 2]), 1_000_000);

    expect((await resize(join(photo.slice(0, 2), many, photo.slice(2)))).outputs[0]?.width).toBe(120);
  });
});

describe('a picture that lies about its size', () => {
  const huge = webp.slice();
  new DataView(huge.buffer).setUint32(21, 0x0fffffff, true);
  const frame = aJpegHeader(20_000, 4000).slice(2, 21);

  it.each([
    ['a PNG with fewer pixels than it says', aPngOf(2000, 2000, [['IDAT', pixels]]), /cannot be decoded/],
    [
      'a PNG with another chunk in the place of its header',
      join(
        aPngHeader(10, 10).slice(0, 8),
        chunk('tEXt', aPngHeader(10, 10).slice(16, 29)),
        aPngHeader(4000, 4000).slice(8),
      ),
      /does not begin with its header/,
    ],
    ['a GIF with a frame larger than its screen', aGifOf(10, 60_000, 100), /10×10, but a frame in it is 60000×60000/],
    ['a WebP with a frame larger than its canvas', aWebpOf(10, 10, huge), /10×10, but a frame in it is 16384×16384/],
    ['a JPEG with two frames', join(photo.slice(0, 2), frame, photo.slice(2)), /cannot be decoded/],
    ['a BMP with fewer pixels than it says', aBmp(50, 40, [9, 9, 9]).subarray(0, 300), /cannot be decoded/],
  ])('%s is refused, and the next picture is made', async (_name, bytes, message) => {
    await expect(resize(bytes)).rejects.toMatchObject({
      code: 'broken_image',
      message: expect.stringMatching(message),
    });

    const [fromJpeg, fromPng] = await Promise.all([resize(photo), resize(aPngOf(10, 10, [['IDAT', pixels]]))]);
    expect([fromJpeg.outputs[0]?.width, fromPng.outputs[0]?.width]).toEqual([120, 10]);
  });

  it('by a canvas larger than its frame is read within the cap', async () => {
    const { outputs, peakWasmBytes } = await resize(aWebpOf(500, 500, webp));

    expect(outputs[0]?.width).toBe(120);
    expect(peakWasmBytes).toBeLessThan(32 * MIB);
  });
});

describe('a JPEG of thousands of scans', () => {
  it('is refused before it is decoded', async () => {
    const at = photo.findIndex((byte, index) => byte === 0xff && photo[index + 1] === 0xda);
    const scan = Uint8Array.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    const scans = Array.from({ length: 5000 }, () => scan);

    await expect(resize(join(photo.slice(0, at), ...scans, photo.slice(at)))).rejects.toMatchObject({
      code: 'broken_image',
      message: expect.stringContaining('more than 100 scans'),
    });
  });
});

describe('a picture under another name', () => {
  it.each([
    ['BMP', aBmp(50, 40, [200, 30, 60]), [200, 30, 60, 255]],
    ['BMP of OS/2', anOs2Bmp(50, 40, [200, 30, 60]), [200, 30, 60, 255]],
    ['GIF', aGifOf(10, 10), [255, 0, 0, 255]],
    ['WebP', webp, [1, 2, 3, 255]],
    ['WebP on a canvas', aWebpOf(120, 80, webp), [1, 2, 3, 255]],
  ])('is read by its bytes: %s', async (_name, bytes, colour) => {
    const { outputs } = await resize(bytes);

    expect(difference(see(outputs[0]!.bytes).at(5, 5), colour)).toBeLessThan(4);
  });
});

function repeat(part: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(part.length * count);
  for (let at = 0; at < whole.length; at += part.length) whole.set(part, at);
  return whole;
}
