import { describe, expect, it } from 'vitest';
import { findExif } from '../../src/images/find-exif.ts';
import { withExif } from '../support/exif.ts';
import { aPhoto, aPng } from '../support/photos.ts';
import { aPngOf, join, zeros } from './bombs.ts';
import * as samples from './samples.ts';

const photo = await aPhoto();
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const startOf = (block: Uint8Array | undefined) => block && String.fromCharCode(...block.subarray(0, 2));

describe('the EXIF block', () => {
  it.each([
    ['JPEG', 'jpeg', withExif(photo, { make: 'Ricoh' })],
    ['WebP', 'webp', samples.webpTurned],
  ] as const)('of a %s is found, without the prefix of its format', (_, format, bytes) => {
    expect(startOf(findExif(bytes, format))).toMatch(/^(MM|II)$/);
  });

  it('of a PNG is found in its eXIf chunk', async () => {
    const png = aPngOf(3, 3, [
      ['eXIf', new TextEncoder().encode('MM…')],
      ['IDAT', await zeros(12)],
    ]);

    expect(startOf(findExif(png, 'png'))).toBe('MM');
  });

  it('of a PNG is found in the text that older versions of ImageMagick write', async () => {
    const text = bytesOf('\nexif\n      14\n457869660000\n4d4d002a0000000a\n');
    const packed = new Uint8Array(
      await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer(),
    );
    const name = (profile: string, ...rest: number[]) =>
      join(bytesOf(`Raw profile type ${profile}\0`), Uint8Array.from(rest));

    expect(startOf(findExif(aPngOf(3, 3, [['tEXt', join(name('exif'), text)]]), 'png'))).toBe('MM');
    expect(startOf(findExif(aPngOf(3, 3, [['zTXt', join(name('APP1', 0), packed)]]), 'png'))).toBe('MM');
    expect(findExif(aPngOf(3, 3, [['zTXt', join(name('exif', 0), text)]]), 'png')).toBeUndefined();
  });

  it('is undefined without one, in a GIF, and when it is larger than 256 KiB', () => {
    expect(findExif(samples.grey, 'jpeg')).toBeUndefined();
    expect(findExif(aPng(2, 2, [0, 0, 0, 255]), 'png')).toBeUndefined();
    expect(findExif(samples.gif, 'gif')).toBeUndefined();
    expect(findExif(aPngOf(3, 3, [['eXIf', new Uint8Array(262_145)]]), 'png')).toBeUndefined();
  });
});
