import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/images/index.ts';
import { aJpegHeader, aPhoto, aPng } from '../support/photos.ts';
import { aBmp } from './bombs.ts';
import * as samples from './samples.ts';

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('readHeader', () => {
  it('gives the stored size and the orientation of a photo', async () => {
    const photo = await aPhoto({ width: 48, height: 32, orientation: 8 });

    expect(await readHeader(photo)).toEqual({ format: 'jpeg', width: 32, height: 48, orientation: 8 });
  });

  it.each([
    ['png', aPng(7, 9, [0, 0, 0, 255]), 7, 9],
    ['gif', samples.gif, 48, 32],
    ['webp', samples.webpTurned, 48, 32],
  ])('gives the size of a %s', async (format, bytes, width, height) => {
    expect(await readHeader(bytes)).toMatchObject({ format, width, height });
  });

  it('gives the size of a BMP whose rows are stored from top to bottom', async () => {
    const head = new Uint8Array(54);
    head.set(bytesOf('BM'));
    head[14] = 40;
    head[28] = 24;
    new DataView(head.buffer).setInt32(18, 40, true);
    new DataView(head.buffer).setInt32(22, -30, true);

    expect(await readHeader(head)).toEqual({ format: 'bmp', width: 40, height: 30, orientation: 1 });
  });

  it.each([
    ['with a JPEG inside', 30, 4],
    ['with a PNG inside', 30, 5],
  ])('refuses a BMP %s by name', async (name, at, value) => {
    const bmp = aBmp(9, 9, [1, 2, 3]);
    bmp[at] = value;

    await expect(readHeader(bmp)).rejects.toMatchObject({
      code: 'unsupported_image',
      message: expect.stringContaining(name),
    });
  });

  it('reads bytes that are a view of a larger buffer', async () => {
    const png = aPng(7, 9, [0, 0, 0, 255]);
    const larger = new Uint8Array(png.length + 20);
    larger.set(png, 10);

    expect(await readHeader(larger.subarray(10, 10 + png.length))).toMatchObject({ width: 7, height: 9 });
  });

  it('reports an empty file', async () => {
    await expect(readHeader(new Uint8Array(0))).rejects.toMatchObject({
      code: 'not_an_image',
      message: 'The file is empty.',
    });
  });

  it('reports arithmetic coding as unsupported', async () => {
    const bytes = aJpegHeader(100, 100);
    bytes[3] = 0xc9;

    await expect(readHeader(bytes)).rejects.toMatchObject({ code: 'unsupported_image' });
  });
});
