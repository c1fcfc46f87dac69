import { describe, expect, it } from 'vitest';
import { decodeBmp, foreseeBmpBytes } from '../../src/images/decode-bmp.ts';
import { resizeImage } from '../../src/images/index.ts';
import { CHANNELS } from '../../src/images/pixels.ts';
import { see } from '../support/photos.ts';
import { aBmpOf, type BmpOptions, COLOURS, HEIGHT, NUMBERS, WIDTH } from './bmps.ts';
import { fixture } from './fixture.ts';

/** The colours of all pixels, from the top; alpha only where the picture has it. */
function seen(bytes: Uint8Array): number[][] {
  const { data, width, height, colour } = decodeBmp(bytes);
  const channels = CHANNELS[colour];
  return Array.from({ length: width * height }, (_, pixel) => [
    ...data.subarray(pixel * channels, (pixel + 1) * channels),
  ]);
}

const expected = NUMBERS.flat().map((number) => [...COLOURS[number]!]);
const withAlpha = (alpha: number) => expected.map((colour) => [...colour, alpha]);

describe('a BMP', () => {
  it.each<[string, BmpOptions]>([
    ['of 2 bits', { bits: 2 }],
    ['of 4 bits', { bits: 4 }],
    ['of 8 bits', { bits: 8 }],
    ['of 16 bits', { bits: 16 }],
    ['of 24 bits', { bits: 24 }],
    [
      'of 32 bits, whose last byte means nothing',
      { bits: 32, masks: [0xff0000, 0xff00, 0xff, 0xff000000], alpha: 0.5, header: 108 },
    ],
    ['from top to bottom', { topDown: true }],
    ['of 8 bits from top to bottom', { bits: 8, topDown: true }],
    ['of OS/2 1', { header: 12 }],
    ['of OS/2 1 with a palette', { header: 12, bits: 8 }],
    ['of OS/2 2.0', { header: 64, bits: 8 }],
    ['of OS/2 2.0 with a short header', { header: 16, bits: 4 }],
    ['with a header of 48 bytes', { header: 48 }],
    ['of Windows 4', { header: 108 }],
    ['of Windows 5', { header: 124, bits: 8 }],
    ['with masks 555', { bits: 16, compression: 3, masks: [0x7c00, 0x3e0, 0x1f] }],
    ['with masks 565', { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] }],
    ['with masks 565 in its header', { header: 52, bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] }],
    ['with masks of 10 bits', { bits: 32, compression: 3, masks: [0x3ff00000, 0xffc00, 0x3ff] }],
    ['with red and blue exchanged', { bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff0000] }],
    ['with masks up to the last bit', { bits: 32, compression: 3, masks: [0xff000000, 0xff0000, 0xff00] }],
  ])('%s is read', (_, options) => {
    // Two bits hold four colours, one bit holds two.
    expect(seen(aBmpOf(options))).toEqual(expected);
  });

  it.each<[string, BmpOptions]>([
    [
      'in the header of Windows 5',
      { header: 124, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] },
    ],
    ['in a header of 56 bytes', { header: 56, bits: 16, compression: 3, masks: [0xf00, 0xf0, 0xf, 0xf000] }],
    ['behind the header', { bits: 32, compression: 6, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }],
  ])('has alpha that is named %s', (_, options) => {
    expect(seen(aBmpOf({ ...options, alpha: 0.2 }))).toEqual(withAlpha(51));
    expect(seen(aBmpOf({ ...options, alpha: 0 })), 'all of them 0').toEqual(withAlpha(255));
  });

  it('of 1 bit is read', () => {
    const bytes = aBmpOf({ bits: 1, packed: [0b10101_000, 0, 0, 0, 0, 0, 0, 0, 0b01010_000, 0, 0, 0] });
    bytes.set([9, 8, 7, 0, 1, 2, 3, 0], 54);

    expect(seen(bytes)[0]).toEqual([7, 8, 9]);
    expect(seen(bytes)[1]).toEqual([3, 2, 1]);
    expect(seen(bytes)[10]).toEqual([3, 2, 1]);
  });

  it.each<[string, BmpOptions]>([
    [
      'of 8 bits',
      {
        bits: 8,
        compression: 1,
        packed: [0, 5, 3, 2, 1, 0, 3, 0, 0, 0, 5, 1, 0, 0, 1, 0, 1, 1, 0, 3, 2, 3, 0, 0, 0, 1],
      },
    ],
    [
      'of 4 bits',
      {
        bits: 4,
        compression: 2,
        packed: [0, 5, 0x32, 0x10, 0x30, 0, 0, 0, 6, 0x11, 0, 0, 2, 0x01, 2, 0x23, 1, 0, 0, 1],
      },
    ],
    [
      'of 24 bits',
      {
        header: 64,
        bits: 24,
        compression: 4,
        packed: [
          1, 255, 255, 255, 0, 4, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 5, 0, 255, 0, 0, 0, 1, 0, 0,
          255, 1, 0, 255, 0, 1, 255, 0, 0, 1, 255, 255, 255, 1, 0, 0, 255, 0, 1,
        ],
      },
    ],
    [
      'without its last mark',
      { bits: 8, compression: 1, packed: [0, 5, 3, 2, 1, 0, 3, 0, 0, 0, 5, 1, 0, 0, 1, 0, 1, 1, 1, 2, 1, 3, 1, 0] },
    ],
  ])('packed as runs %s is read', (_, options) => {
    expect(seen(aBmpOf(options))).toEqual(expected);
  });

  it('has the first colour where no run is', () => {
    const pixels = seen(aBmpOf({ bits: 8, compression: 1, packed: [0, 2, 1, 1, 1, 3, 0, 1] }));

    expect(pixels[6]).toEqual([...COLOURS[3]]);
    expect(pixels.filter(([r, g]) => r === 255 && g === 0)).toHaveLength(WIDTH * HEIGHT - 1);
  });

  it.each(['rle8.bmp', '565.bmp'])('of ImageMagick is read: %s', async (name) => {
    const output = { width: 40, height: 40, fit: 'inside', format: 'png', quality: 80 } as const;
    const { outputs } = await resizeImage(fixture(name), [output]);
    const { at } = see(outputs[0]!.bytes);

    expect([at(0, 0), at(-1, 0), at(0, -1), at(-1, -1)]).toEqual([
      [0, 0, 0, 255],
      [255, 0, 0, 255],
      [0, 255, 0, 255],
      [255, 255, 0, 255],
    ]);
  });
});

describe('a BMP that is cut off', () => {
  const whole = aBmpOf();

  it('may lack the filling of its last row', () => {
    expect(seen(whole.subarray(0, -1))).toEqual(expected);
  });

  it.each([2, 16, 17, 40])('by %i bytes is refused', (bytes) => {
    expect(() => decodeBmp(whole.subarray(0, -bytes))).toThrow(/ends too early: [123] of its 3 rows are missing/);
  });

  it.each([1, 2, 3, 9, 14])('by %i bytes within its runs is refused', (bytes) => {
    const packed = [0, 5, 3, 2, 1, 0, 3, 0, 0, 0, 5, 1, 0, 0, 4, 1];

    expect(() => decodeBmp(aBmpOf({ bits: 8, compression: 1, packed: packed.slice(0, -bytes) }))).toThrow(
      /rows are missing/,
    );
  });

  it('is refused if a run is longer than its row', () => {
    expect(() => decodeBmp(aBmpOf({ bits: 8, compression: 1, packed: [9, 1, 0, 1] }))).toThrow(/beyond its row/);
  });
});

describe('foreseeBmpBytes', () => {
  it.each<[BmpOptions, number]>([
    [{}, 3],
    [{ bits: 8, compression: 1, packed: [0, 1] }, 4],
    [{ header: 56, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }, 4],
  ])('of %j is %i per pixel', (options, bytes) => {
    expect(foreseeBmpBytes(aBmpOf(options))).toBe(bytes * WIDTH * HEIGHT);
  });
});
