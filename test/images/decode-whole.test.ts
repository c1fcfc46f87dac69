import { describe, expect, it } from 'vitest';
import { wholeDecoder } from '../../src/images/decode-whole.ts';
import { readHeader } from '../../src/images/index.ts';
import { aPng } from '../support/photos.ts';
import { aBmp, aGifOf } from './bombs.ts';
import * as samples from './samples.ts';

describe('the decoder of a format that is decoded at full size', () => {
  it.each([
    ['PNG', aPng(20, 10, [1, 2, 3, 255])],
    ['WebP', samples.webpTurned],
    ['GIF', aGifOf(20, 20)],
    ['BMP', aBmp(20, 10, [1, 2, 3])],
  ])('gives the pixels of a %s', async (_, bytes) => {
    const source = await readHeader(bytes);
    const { width, height } = wholeDecoder(bytes, source, 0).decode((pixels) => pixels);

    expect([width, height]).toEqual([source.width, source.height]);
  });

  it('needs the memory of an encoder besides its own only if photon is not the decoder', async () => {
    const bytesOf = async (bytes: Uint8Array, encoder: number) =>
      wholeDecoder(bytes, await readHeader(bytes), encoder).bytes;
    const [png, gif] = [aPng(20, 10, [1, 2, 3, 255]), aGifOf(20, 20)];

    expect(await bytesOf(png, 1000)).toBe(await bytesOf(png, 0));
    expect(await bytesOf(gif, 1000)).toBe((await bytesOf(gif, 0)) + 1000);
  });
});
