import { describe, expect, it } from 'vitest';
import { adobeTransform, coloursOf, conversionOf } from '../../src/images/jpeg-colours.ts';
import { readJpegFrame } from '../../src/images/jpeg-frame.ts';
import { aJpegHeader } from '../support/photos.ts';
import { join } from './bombs.ts';
import * as samples from './samples.ts';

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const JFIF = join(Uint8Array.of(0xff, 0xe0, 0, 16), latin('JFIF\0'), new Uint8Array(9));
const adobe = (transform: number) =>
  join(Uint8Array.of(0xff, 0xee, 0, 14), latin('Adobe'), Uint8Array.of(0, 100, 0, 0, 0, 0, transform));

/** A header of three components with these names, after these segments. */
function header(ids: string | number[], ...segments: Uint8Array[]): Uint8Array {
  const plain = aJpegHeader(9, 9);
  const names = typeof ids === 'string' ? [...latin(ids)] : ids;
  for (const [index, id] of names.entries()) plain[12 + 3 * index] = id;
  return join(plain.subarray(0, 2), ...segments, plain.subarray(2));
}

describe('how the numbers of a JPEG become colours', () => {
  it.each([
    ['nothing', header([1, 2, 3]), 'ycc'],
    ['components named R, G and B', header('RGB'), 'none'],
    ['JFIF', header('RGB', JFIF), 'ycc'],
    ['Adobe, not converted', header([1, 2, 3], adobe(0)), 'none'],
    ['Adobe, converted', header('RGB', adobe(1)), 'ycc'],
    ['both, which is YCbCr', header([1, 2, 3], adobe(0), JFIF), 'ycc'],
    ['one component', samples.grey, 'none'],
    ['four components', samples.cmykWithoutAdobe, 'inks'],
    [
      'four components, converted',
      join(samples.cmykWithoutAdobe.subarray(0, 2), adobe(2), samples.cmykWithoutAdobe.subarray(2)),
      'ycc-and-ink',
    ],
  ])('follows from %s', (_, bytes, conversion) => {
    expect(conversionOf(bytes, readJpegFrame(bytes))).toBe(conversion);
  });

  it('is said by Adobe’s marker', () => {
    expect(adobeTransform(header([1, 2, 3], adobe(1)))).toBe(1);
    expect(adobeTransform(samples.cmykWithoutAdobe)).toBeUndefined();
  });
});

describe('the colours of a decoded JPEG', () => {
  it.each([
    [[1], 'grey'],
    [[1, 2, 3], 'rgb'],
    [[1, 2, 3, 4], 'cmyk'],
  ] as const)('follow from the number of its components', (ids, colours) => {
    expect(coloursOf({ ...readJpegFrame(samples.grey), ids: [...ids] })).toBe(colours);
  });
});
