import { describe, expect, it } from 'vitest';
import { readColours, storedColour } from '../../../src/images/colour/index.ts';
import { resizeImage } from '../../../src/images/index.ts';
import { difference, see } from '../../support/photos.ts';
import { aPngOf, chunk, join } from '../bombs.ts';
import { fixture } from '../fixture.ts';
import * as samples from '../samples.ts';

const box = { width: 500, height: 500, fit: 'inside', format: 'png', quality: 90 } as const;

/** The colours in the middle of the four patches. */
async function patches(bytes: Uint8Array) {
  const { outputs, colourProfile, preview } = await resizeImage(bytes, [box]);
  const seen = see(outputs[0]!.bytes);
  return { colours: [seen.at(4, 4), seen.at(12, 4), seen.at(4, 12), seen.at(12, 12)], colourProfile, preview };
}

/** Puts chunks behind the header of a PNG. */
const withChunks = (png: Uint8Array, ...chunks: Uint8Array[]) => join(png.subarray(0, 33), ...chunks, png.subarray(33));
const numbers = (...values: number[]) => {
  const data = new Uint8Array(4 * values.length);
  for (const [index, value] of values.entries()) new DataView(data.buffer).setUint32(4 * index, value);
  return data;
};
const BLACK = new Uint8Array(1000);

describe('colours become sRGB', () => {
  // The right values are those of LittleCMS 2.19 (Pillow 12.3), for the intent "perceptual".
  it.each([
    [
      'adobe-v2.jpg',
      [
        [232, 46, 48],
        [0, 221, 29],
        [0, 35, 235],
        [203, 201, 116],
      ],
    ],
    [
      'prophoto-v4.png',
      [
        [255, 0, 62],
        [0, 248, 0],
        [0, 56, 250],
        [227, 210, 122],
      ],
    ],
    [
      'p3-v2.webp',
      [
        [218, 24, 40],
        [0, 224, 0],
        [12, 41, 239],
        [200, 200, 108],
      ],
    ],
    [
      'generic-v2.png',
      [
        [216, 73, 66],
        [0, 223, 87],
        [34, 62, 232],
        [210, 209, 142],
      ],
    ],
    [
      'gray1.8.jpg',
      [
        [40, 40, 40],
        [109, 109, 109],
        [176, 176, 176],
        [235, 235, 235],
      ],
    ],
    [
      'gray-lab.png',
      [
        [31, 31, 31],
        [83, 83, 83],
        [152, 152, 152],
        [227, 227, 227],
      ],
    ],
    [
      'cmyk-lut16.jpg',
      [
        [106, 193, 206],
        [211, 120, 166],
        [227, 214, 114],
        [148, 150, 151],
      ],
    ],
    [
      'cmyk-lut8.jpg',
      [
        [106, 193, 206],
        [211, 120, 167],
        [228, 215, 114],
        [148, 150, 151],
      ],
    ],
    [
      'cmyk-mab.jpg',
      [
        [107, 197, 211],
        [216, 123, 171],
        [231, 218, 115],
        [150, 154, 155],
      ],
    ],
    [
      'rgb-mab.png',
      [
        [187, 87, 89],
        [86, 203, 99],
        [64, 71, 222],
        [197, 197, 153],
      ],
    ],
    [
      'rgb-lut16.png',
      [
        [187, 90, 92],
        [88, 203, 101],
        [68, 74, 222],
        [198, 198, 154],
      ],
    ],
    [
      'cmyk-tinted-black.jpg',
      [
        [0, 0, 0],
        [0, 0, 0],
        [127, 122, 121],
        [188, 201, 209],
      ],
    ],
    [
      'gray-lut.png',
      [
        [0, 0, 0],
        [38, 88, 24],
        [140, 175, 121],
        [239, 244, 235],
      ],
    ],
    [
      'p3.gif',
      [
        [219, 14, 35],
        [0, 225, 0],
        [21, 36, 240],
        [201, 201, 109],
      ],
    ],
  ])('in %s', async (name, expected) => {
    const { colours, colourProfile } = await patches(fixture(name));

    expect(colourProfile).toBe('converted');
    for (const [index, colour] of colours.entries())
      expect(difference(colour, expected[index]!)).toBeLessThanOrEqual(2);
  });

  it('and stay as they are where they are sRGB', async () => {
    const { colours, colourProfile } = await patches(fixture('srgb-v2.png'));

    expect(colourProfile).toBe('srgb');
    expect(colours[0]).toEqual([200, 50, 50, 255]);
  });

  it('in the dominant colour too', async () => {
    const { preview } = await patches(fixture('cmyk-lut16.jpg'));
    const dominant = preview.dominantColour!.match(/\w\w/g)!.map((digits) => Number.parseInt(digits, 16));

    expect(
      Math.min(
        ...[
          [106, 193, 206],
          [211, 120, 166],
          [227, 214, 114],
          [148, 150, 151],
        ].map((one) => difference(dominant, one)),
      ),
    ).toBeLessThan(4);
  });

  it.each([
    ['cICP of Display P3', chunk('cICP', Uint8Array.of(12, 13, 0, 1)), [218, 24, 40]],
    ['gAMA of 1', chunk('gAMA', numbers(100_000)), [229, 122, 122]],
    [
      'cHRM of Display P3',
      chunk('cHRM', numbers(31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6000)),
      [218, 24, 40],
    ],
    ['gAMA of sRGB', chunk('gAMA', numbers(45_455)), [200, 50, 50]],
    [
      'sRGB, which counts before gAMA',
      join(chunk('gAMA', numbers(100_000)), chunk('sRGB', Uint8Array.of(0))),
      [200, 50, 50],
    ],
  ])('by %s in a PNG', async (_, chunks, expected) => {
    const plain = withoutProfile(fixture('srgb-v2.png'));
    const { colours } = await patches(withChunks(plain, chunks));

    expect(difference(colours[0]!, expected)).toBeLessThanOrEqual(2);
  });
});

describe('what cannot be converted', () => {
  it('is HDR, which is refused', async () => {
    const hdr = withChunks(fixture('srgb-v2.png'), chunk('cICP', Uint8Array.of(9, 16, 0, 1)));

    await expect(resizeImage(hdr, [box])).rejects.toMatchObject({ code: 'unsupported_image', message: /HDR \(PQ\)/ });
  });

  it.each([
    ['damaged', (png: Uint8Array) => withChunks(withoutProfile(png), chunk('iCCP', Uint8Array.of(65, 0, 0, 1, 2, 3)))],
    ['unknown', (png: Uint8Array) => withChunks(withoutProfile(png), chunk('cICP', Uint8Array.of(77, 13, 0, 1)))],
  ])('is a profile that is %s, which is ignored', async (_, make) => {
    const { colours, colourProfile } = await patches(make(fixture('srgb-v2.png')));

    expect(colourProfile).toBe('ignored');
    expect(colours[0]).toEqual([200, 50, 50, 255]);
  });

  it('is a profile of other colours than those of the picture', async () => {
    const inked = fixture('cmyk-lut16.jpg');

    expect(await readColours(inked, 'jpeg', 'rgb')).toEqual({ profile: 'ignored' });
    expect(await readColours(inked, 'jpeg', 'cmyk')).toMatchObject({ profile: 'converted' });
  });

  it('is a picture without a profile', async () => {
    expect(await readColours(samples.grey, 'jpeg', 'grey')).toEqual({ profile: 'none' });
  });
});

describe('the stored colours', () => {
  it('follow from the format', () => {
    expect(storedColour(samples.grey, { format: 'jpeg' })).toBe('grey');
    expect(storedColour(samples.gif, { format: 'gif' })).toBe('rgba');
    expect(storedColour(aPngOf(9, 9, [['IDAT', BLACK]]), { format: 'png' })).toBe('grey');
    expect(storedColour(fixture('srgb-v2.png'), { format: 'png' })).toBe('rgba');
  });
});

/** Pillow writes the profile as the first chunk behind the header. */
function withoutProfile(png: Uint8Array): Uint8Array {
  const length = new DataView(png.buffer, png.byteOffset).getUint32(33);
  return join(png.subarray(0, 33), png.subarray(33 + 12 + length));
}
