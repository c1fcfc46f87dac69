import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { sniffFormat, unreadable } from '../../src/images/sniff-format.ts';
import { aPng, difference, see } from '../support/photos.ts';
import { aBmp, aGifOf, anOs2Bmp, aWebpOf } from './bombs.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const webp = (await resizeImage(aPng(300, 200, [1, 2, 3, 255]), [{ ...options, format: 'webp-lossless' }])).outputs[0]!
  .bytes;

describe('sniffFormat', () => {
  it.each([
    ['\xff\xd8\xff\xe0', 'jpeg'],
    ['\x89PNG\r\n\x1a\n', 'png'],
    ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'webp'],
    ['GIF89a', 'gif'],
    ['BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'bmp'],
    ['BM\x36\x10\0\0\x01\x02\x03\x04\x36\0\0\0\x28\0\0\0', 'bmp'],
    ['BMW makes cars', undefined],
    ['RIFF\x00\x00\x00\x00WAVE', undefined],
    ['<svg xmlns=', undefined],
    ['', undefined],
  ])('%j is %s', (head, format) => {
    expect(sniffFormat(bytesOf(head))).toBe(format);
  });
});

describe('unreadable', () => {
  it.each([
    ['\0\0\0\x18ftypheic', 'HEIC'],
    ['\0\0\0\x20ftypavif', 'AVIF'],
    ['\xff\x0a', 'JPEG XL'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL'],
    ['II*\0', 'TIFF'],
    ['MM\0*', 'TIFF'],
    ['\0\0\0\x0cjP  \r\n', 'JPEG 2000'],
    ['8BPS', 'Photoshop'],
    ['\0\0\x01\0', 'icon'],
    ['<?xml version="1.0"?>\n<svg xmlns=', 'SVG'],
  ])('names %j', (head, name) => {
    expect(unreadable(bytesOf(head))).toMatch(new RegExp(`${name}.* Send a JPEG, PNG, WebP, GIF or BMP`));
  });

  it.each(['\0\0\0\x20ftypmp42', '\x89PNG\r\n\x1a\n', ''])('says nothing of %j', (head) => {
    expect(unreadable(bytesOf(head))).toBeUndefined();
  });
});

it('says what Cloudflare converts', () => {
  expect(unreadable(bytesOf('\0\0\0\x18ftypheic'))).toMatch(/Images binding can convert it/);
  expect(unreadable(bytesOf('\0\0\0\x20ftypavif'))).toMatch(/Images binding converts it on an Enterprise plan/);
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
