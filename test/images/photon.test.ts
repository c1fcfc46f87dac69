import { describe, expect, it } from 'vitest';
import {
  decodeWithPhoton,
  encodeWithPhoton,
  foreseeDecodeBytes,
  foreseeEncodeBytes,
  photonSlot,
} from '../../src/images/photon.ts';
import { sniffFormat } from '../../src/images/sniff-format.ts';
import { aPng, difference, see } from '../support/photos.ts';
import { aPngOf } from './bombs.ts';

const png = aPng(300, 200, [10, 120, 230, 255]);
const copy = (bytes: Uint8Array) => decodeWithPhoton(bytes, (pixels) => ({ ...pixels, data: pixels.data.slice() }));

describe('photon', () => {
  it('decodes a picture at full size as RGBA', () => {
    const { data, width, height, colour } = copy(png);

    expect([width, height, colour, data.length]).toEqual([300, 200, 'rgba', 240_000]);
    expect([...data.subarray(0, 4)]).toEqual([10, 120, 230, 255]);
  });

  it.each(['jpeg', 'png', 'webp-lossless'] as const)('encodes pixels as %s', (format) => {
    const bytes = encodeWithPhoton(copy(png), format, 80);

    expect(sniffFormat(bytes)).toBe(format.replace('-lossless', ''));
    expect(difference(see(bytes).at(9, 9), [10, 120, 230])).toBeLessThan(6);
  });

  it('reports a file that it cannot decode, and decodes the next one', () => {
    expect(() => copy(png.subarray(0, png.length / 2))).toThrow('it cannot be decoded');
    expect(copy(png).width).toBe(300);
  });
});

describe('the memory that is foreseen', () => {
  const header = { format: 'png', width: 300, height: 200, orientation: 1 } as const;

  it('is about the memory that photon then holds, or more', () => {
    photonSlot.trim(0);
    copy(png);

    expect(foreseeDecodeBytes(png, header)).toBeGreaterThan(0.8 * photonSlot.heldBytes);
  });

  it('is larger for 16 bits per channel, and for PNG as an output', () => {
    const deep = aPngOf(300, 200, [], 16);

    expect(foreseeDecodeBytes(deep, header) - deep.length).toBeGreaterThan(
      foreseeDecodeBytes(png, header) - png.length,
    );
    expect(foreseeEncodeBytes(1e6, 'png')).toBeGreaterThan(foreseeEncodeBytes(1e6, 'jpeg'));
  });
});
