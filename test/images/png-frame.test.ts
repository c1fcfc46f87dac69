import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { checkPngPixels, readPngFrame } from '../../src/images/png-frame.ts';
import { aPng, aPngHeader } from '../support/photos.ts';
import { aPngOf, chunk, join, zeros } from './bombs.ts';
import * as samples from './samples.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const bomb = await zeros(60_000_000);

describe('the header of a PNG', () => {
  it('gives size, depth and interlacing', () => {
    expect(readPngFrame(aPng(7, 9, [1, 2, 3, 255]))).toEqual({
      ...{ width: 7, height: 9, bitsPerPixel: 32, isDeep: false, isGrey: false, interlaced: false },
    });
    expect(readPngFrame(aPngOf(10, 20, [], 16))).toMatchObject({ bitsPerPixel: 16, isDeep: true });
    expect(readPngFrame(samples.interlaced)).toMatchObject({ width: 48, height: 32, interlaced: true });
  });

  it.each([
    ['a width of 0', aPngHeader(0, 10), 'its header is not valid'],
    ['a height of 0', aPngHeader(10, 0), 'its header is not valid'],
    ['9 bits per channel', aPngOf(10, 10, [], 9), 'its header is not valid'],
    ['no header', aPngHeader(10, 10).subarray(0, 20), 'it does not begin with its header'],
    [
      'another chunk before its header',
      join(aPngHeader(10, 10).slice(0, 8), chunk('tEXt', new Uint8Array(13)), aPngHeader(10, 10).slice(8)),
      'it does not begin with its header',
    ],
  ])('is refused with %s', (_, bytes, message) => {
    expect(() => readPngFrame(bytes)).toThrow(message);
  });
});

describe('the pixels of a PNG', () => {
  it('may be fewer than the header says: the decoder refuses that', async () => {
    await expect(checkPngPixels(aPngOf(2000, 2000, [['IDAT', await zeros(1000)]]))).resolves.toBeUndefined();
  });
});

describe('a PNG that holds more pixels than its header says', () => {
  it.each<[string, [string, Uint8Array][]]>([
    ['in one chunk', [['IDAT', bomb]]],
    ['over many chunks', Array.from({ length: bomb.length }, (_, at) => ['IDAT', bomb.subarray(at, at + 1)])],
  ])('%s is refused', async (_name, chunks) => {
    await expect(resize(aPngOf(10, 10, chunks))).rejects.toMatchObject({
      code: 'broken_image',
      message: 'The PNG is damaged: its header says 10×10, and it holds more pixels than that.',
    });
  });

  it('by two rows is accepted, because some programs add them', async () => {
    const { outputs } = await resize(aPngOf(10, 10, [['IDAT', await zeros(132)]]));

    expect(outputs[0]?.width).toBe(10);
  });

  it('only because it is interlaced is accepted', async () => {
    expect((await resize(samples.interlaced)).outputs[0]?.width).toBe(48);
  });
});
