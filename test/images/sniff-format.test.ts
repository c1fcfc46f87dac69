import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { isHeicOrAvif, sniffFormat } from '../../src/images/sniff-format.ts';
import { aPng, difference, see } from '../support/photos.ts';
import { aBmp, aGifOf, anOs2Bmp, aWebpOf } from './bombs.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const webp = (await resizeImage(aPng(300, 200, [1, 2, 3, 255]), [{ ...options, format: 'webp' }])).outputs[0]!.bytes;

describe('sniffFormat', () => {
  it.each([
    ['\xff\xd8\xff\xe0', 'jpeg'],
    ['\x89PNG\r\n\x1a\n', 'png'],
    ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'webp'],
    ['GIF89a', 'gif'],
    ['BM\x36\x10\x00\x00\x00\x00\x00\x00', 'bmp'],
    ['BMW makes cars', undefined],
    ['RIFF\x00\x00\x00\x00WAVE', undefined],
    ['<svg xmlns=', undefined],
    ['', undefined],
  ])('%j is %s', (head, format) => {
    expect(sniffFormat(bytesOf(head))).toBe(format);
  });
});

describe('isHeicOrAvif', () => {
  it.each([
    ['\0\0\0\x18ftypheic', true],
    ['\0\0\0\x20ftypavif', true],
    ['\0\0\0\x20ftypmp42', false],
    ['\x89PNG\r\n\x1a\n', false],
  ])('of %j is %s', (head, expected) => {
    expect(isHeicOrAvif(bytesOf(head))).toBe(expected);
  });
});

describe('a picture of each format', () => {
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
