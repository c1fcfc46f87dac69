import { describe, expect, it } from 'vitest';
import { readBmpFrame } from '../../src/images/bmp-frame.ts';
import { aBmpOf, type BmpOptions } from './bmps.ts';

describe('readBmpFrame', () => {
  it.each<[string, BmpOptions, RegExp]>([
    ['a JPEG', { compression: 4 }, /with a JPEG inside/],
    ['a PNG', { compression: 5 }, /with a PNG inside/],
    ['fax coding', { header: 64, bits: 1, compression: 3 }, /fax coding of OS\/2/],
    ['64 bits', { bits: 64, packed: [] }, /of 64 bits per pixel/],
    ['CMYK', { bits: 32, compression: 11 }, /in CMYK/],
  ])('refuses %s by name', (_, options, message) => {
    expect(() => readBmpFrame(aBmpOf(options))).toThrow(
      expect.objectContaining({ code: 'unsupported_image', message: expect.stringMatching(message) }),
    );
  });

  it.each<[string, BmpOptions, RegExp]>([
    ['bits that do not exist', { bits: 13, packed: [] }, /13 bits per pixel/],
    ['runs of 24 bits in Windows', { compression: 1 }, /24 bits per pixel with compression 1/],
    ['masks with holes', { bits: 16, compression: 3, masks: [0xa000, 0x7e0, 0x1f] }, /masks/],
  ])('refuses %s as damaged', (_, options, message) => {
    expect(() => readBmpFrame(aBmpOf(options))).toThrow(
      expect.objectContaining({ code: 'broken_image', message: expect.stringMatching(message) }),
    );
  });

  it('refuses pixels that begin where the masks should be, as ImageMagick writes them', () => {
    const bytes = aBmpOf({ bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] });
    new DataView(bytes.buffer).setUint32(10, 54, true);

    expect(() => readBmpFrame(bytes)).toThrow(/masks of colours should be/);
  });

  it.each([0, 20, 53])('refuses a file of %i bytes', (length) => {
    expect(() => readBmpFrame(aBmpOf().subarray(0, length))).toThrow(/ends within its header/);
  });

  it('finds pixels whose position is missing', () => {
    const bytes = aBmpOf({ bits: 4 });
    new DataView(bytes.buffer).setUint32(10, 0, true);

    expect(readBmpFrame(bytes).pixelsAt).toBe(54 + 64);
  });
});
