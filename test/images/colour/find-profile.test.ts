import { describe, expect, it } from 'vitest';
import { findProfile, jpegProfile } from '../../../src/images/colour/find-profile.ts';
import { aBmp, aGifOf, join } from '../bombs.ts';
import { fixture } from '../fixture.ts';
import * as samples from '../samples.ts';

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const part = (number: number, ...data: number[]) =>
  join(Uint8Array.of(0xff, 0xe2, 0, 16 + data.length), latin('ICC_PROFILE\0'), Uint8Array.of(number, 2, ...data));

describe('the profile of a picture', () => {
  it('is put together from the segments of a JPEG, in their order', () => {
    const jpeg = join(samples.grey.subarray(0, 2), part(2, 3, 4), part(1, 1, 2), samples.grey.subarray(2));

    expect(jpegProfile(jpeg)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it.each([
    ['a PNG', 'prophoto-v4.png', 'png'],
    ['a WebP', 'p3-v2.webp', 'webp'],
    ['a JPEG', 'display-p3.jpg', 'jpeg'],
  ] as const)('is found in %s', async (_, name, format) => {
    const found = (await findProfile(fixture(name), format)) as { icc: Uint8Array };

    expect(String.fromCharCode(...found.icc.subarray(36, 40))).toBe('acsp');
  });

  it('is found behind the pixels of a BMP', async () => {
    const plain = aBmp(1, 1, [1, 2, 3]);
    const bytes = join(plain.subarray(0, 54), new Uint8Array(84), plain.subarray(54), Uint8Array.of(7, 8, 9));
    const view = new DataView(bytes.buffer);
    view.setUint32(14, 124, true);
    bytes.set(latin('DEBM'), 14 + 56);
    view.setUint32(14 + 112, 124 + 4, true);
    view.setUint32(14 + 116, 3, true);

    expect(await findProfile(bytes, 'bmp')).toEqual({ icc: Uint8Array.of(7, 8, 9) });
    expect(await findProfile(plain, 'bmp')).toBeUndefined();
  });

  it.each([
    ['in another file', 'KNIL', 0],
    ['by three primaries', '\0\0\0\0', 0x23333],
  ])('of a BMP is empty if it stands %s', async (_, space, gamma) => {
    const plain = aBmp(1, 1, [1, 2, 3]);
    const bytes = join(plain.subarray(0, 54), new Uint8Array(84), plain.subarray(54));
    const view = new DataView(bytes.buffer);
    view.setUint32(14, 124, true);
    bytes.set(latin(space), 14 + 56);
    view.setUint32(14 + 96, gamma, true);

    expect(await findProfile(bytes, 'bmp')).toEqual({ icc: new Uint8Array(0) });
  });

  it('is joined from the blocks of an extension of a GIF', async () => {
    const extension = (name: string) =>
      join(Uint8Array.of(0x21, 0xff, 11), latin(name), Uint8Array.of(2, 7, 8, 1, 9, 0));
    const gif = (name: string) => join(aGifOf(9, 9).subarray(0, 19), extension(name), aGifOf(9, 9).subarray(19));

    expect(await findProfile(gif('ICCRGBG1012'), 'gif')).toEqual({ icc: Uint8Array.of(7, 8, 9) });
    expect(await findProfile(gif('NETSCAPE2.0'), 'gif')).toBeUndefined();
  });

  it('is missing in most', async () => {
    expect(await findProfile(samples.webpTurned, 'webp')).toBeUndefined();
    expect(await findProfile(samples.grey, 'jpeg')).toBeUndefined();
    expect(await findProfile(samples.gif, 'gif')).toBeUndefined();
  });
});
