import { describe, expect, it } from 'vitest';
import { adobeTransform, coloursOf } from '../../src/images/jpeg-colours.ts';
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

describe('the colours of a JPEG', () => {
  it.each([
    ['nothing', header([1, 2, 3]), 'ycc'],
    ['components named R, G and B', header('RGB'), 'rgb'],
    ['JFIF', header('RGB', JFIF), 'ycc'],
    ['Adobe, not converted', header([1, 2, 3], adobe(0)), 'rgb'],
    ['Adobe, converted', header('RGB', adobe(1)), 'ycc'],
    ['both, which is YCbCr', header([1, 2, 3], adobe(0), JFIF), 'ycc'],
    ['one component', samples.grey, 'grey'],
    ['four components', samples.cmykWithoutAdobe, 'cmyk'],
  ])('follow from %s', (_, bytes, colours) => {
    expect(coloursOf(bytes, readJpegFrame(bytes))).toBe(colours);
  });

  it('are converted if Adobe’s marker says so', () => {
    expect(adobeTransform(header([1, 2, 3], adobe(1)))).toBe(1);
    expect(adobeTransform(samples.cmykWithoutAdobe)).toBeUndefined();
  });
});
