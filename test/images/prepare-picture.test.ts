import { describe, expect, it } from 'vitest';
import { ImageError, preparePicture, readHeader, readMetadata } from '../../src/images/index.ts';
import { withExif } from '../support/exif.ts';
import { aJpegHeader, aPhoto, aPng, aPngHeader, CORNERS, difference, see } from '../support/photos.ts';
import { aGifOf, aPngOf, chunk, join, zeros } from './bombs.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

const maxPixels = 4_000_000;
const prepare = (bytes: Uint8Array) => preparePicture(bytes, { maxPixels });
const latin1 = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
const photo = await aPhoto();

async function prepareJpeg(bytes: Uint8Array): Promise<Uint8Array> {
  const prepared = await prepare(bytes);
  if (prepared.format !== 'jpeg') throw new Error(`it is ${prepared.format}`);
  return prepared.bytes;
}

async function preparePng(bytes: Uint8Array) {
  const prepared = await prepare(bytes);
  if (prepared.format !== 'pixels') throw new Error(`it is ${prepared.format}`);
  return prepared;
}

/** A segment of a JPEG. */
function segment(code: number, text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  return join(Uint8Array.from([0xff, code, (content.length + 2) >> 8, (content.length + 2) & 255]), content);
}

describe('a JPEG for a document', () => {
  const secret = withExif(photo, { make: 'Ricoh', orientation: 6, gps: { latitude: -33, longitude: 18 } });

  it('has no EXIF any more, and its orientation is in the result', async () => {
    const prepared = await prepareJpeg(secret);

    expect(await prepare(secret)).toMatchObject({ format: 'jpeg', width: 480, height: 320, orientation: 6 });
    expect(await readMetadata(secret, 'jpeg', { gps: true })).toMatchObject({ gps: { latitude: -33 } });
    expect(await readMetadata(prepared, 'jpeg', { gps: true })).toMatchObject({ cameraMake: null, gps: null });
    expect((await readHeader(prepared)).orientation).toBe(1);
    expect(latin1(prepared)).not.toContain('Exif');
    for (const [index, colour] of see(prepared).corners().entries())
      expect(difference(colour, Object.values(CORNERS)[index]!)).toBeLessThan(30);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['a comment', (bytes) => join(bytes.slice(0, 2), segment(0xfe, 'secret'), bytes.slice(2))],
    ['a preview', (bytes) => join(bytes.slice(0, 2), segment(0xe0, 'JFXX\0secret'), bytes.slice(2))],
    [
      'XMP, twice',
      (bytes) => join(bytes.slice(0, 2), segment(0xe1, 'secret'), segment(0xe1, 'secret'), bytes.slice(2)),
    ],
    ['Photoshop’s', (bytes) => join(bytes.slice(0, 2), segment(0xed, 'secret'), bytes.slice(2))],
    ['an unknown segment', (bytes) => join(bytes.slice(0, 2), segment(0xef, 'secret'), bytes.slice(2))],
    ['a comment after the scan', (bytes) => join(bytes.slice(0, -2), segment(0xfe, 'secret'), bytes.slice(-2))],
    ['a second picture after its end', (bytes) => join(bytes, new TextEncoder().encode('secret'))],
  ])('loses %s, and nothing else', async (_name, withSecret) => {
    const bytes = withSecret(photo);

    expect(latin1(bytes)).toContain('secret');
    expect(await prepareJpeg(bytes)).toEqual(await prepareJpeg(photo));
  });

  it.each([
    ['Adobe’s', samples.cmyk, 'Adobe'],
    ['JFIF’s', samples.progressive, 'JFIF'],
  ])('keeps %s segment, which tells its colours', async (_name, bytes, name) => {
    expect(await prepareJpeg(bytes)).toEqual(bytes);
    expect(latin1(bytes)).toContain(name);
  });

  it.each([
    ['cut off', photo.subarray(0, photo.length / 2)],
    ['overwritten', photo.map((byte, at) => (at > 2000 && at < 2500 ? (at * 7919) & 255 : byte))],
  ])('is refused when it is %s', async (_name, bytes) => {
    await expect(prepare(bytes)).rejects.toMatchObject({ name: 'ImageError', code: 'broken_image' });
  });
});

describe('a PNG for a document', async () => {
  it('becomes its pixels, with their transparency', async () => {
    const { rgb, alpha, ...about } = await preparePng(aPng(3, 2, [10, 20, 30, 128]));

    expect(about).toEqual({ format: 'pixels', width: 3, height: 2, orientation: 1 });
    expect([...rgb]).toEqual(Array.from({ length: 6 }, () => [10, 20, 30]).flat());
    expect([...(alpha ?? [])]).toEqual([128, 128, 128, 128, 128, 128]);
  });

  it('becomes pixels without transparency when it is opaque', async () => {
    const { rgb, alpha } = await preparePng(samples.interlaced);

    expect([...rgb.slice(0, 3)]).toEqual([220, 40, 40]);
    expect(alpha).toBeUndefined();
  });

  it('with 16 bits per channel becomes pixels with 8', async () => {
    const { rgb } = await preparePng(aPngOf(10, 10, [['IDAT', await zeros(210)]], 16));

    expect(rgb).toEqual(new Uint8Array(300));
  });

  const bomb = await zeros(60_000_000);
  const pixels = await zeros(110);
  const png = aPng(300, 300, [10, 20, 30, 255]);
  it.each<[string, Uint8Array, string]>([
    ['with too many pixels', aPngOf(1, 1, [['IDAT', bomb]]), 'broken_image'],
    ['with too few pixels', aPngOf(2000, 2000, [['IDAT', pixels]]), 'broken_image'],
    ['that is cut off', png.subarray(0, png.length / 2), 'broken_image'],
    ['that is overwritten', png.map((byte, at) => (at > 60 && at < 110 ? 0xaa : byte)), 'broken_image'],
    ['beyond the limit', aPngHeader(2001, 2000), 'image_too_large'],
    ['of 16 bits, beyond the memory', aPngOf(2000, 2000, [], 16), 'image_too_large'],
  ])('%s is refused', async (_name, bytes, code) => {
    await expect(prepare(bytes)).rejects.toMatchObject({ name: 'ImageError', code });
  });

  it('is prepared without inflating its texts', async () => {
    const text = chunk('zTXt', join(Uint8Array.from([97, 0, 0]), bomb));
    const whole = aPngOf(10, 10, [['IDAT', pixels]]);

    expect(await preparePng(join(whole.slice(0, 33), text, whole.slice(33)))).toMatchObject({ width: 10, height: 10 });
  });
});

describe('a picture of another format', () => {
  it.each([
    ['a GIF', () => samples.gif],
    ['a GIF whose frame is larger than its screen', () => fixture('frame-larger.gif')],
    ['a WebP', () => fixture('p3-v2.webp')],
  ])('becomes its pixels: %s', async (_, make) => {
    const picture = await prepare(make());

    if (picture.format !== 'pixels') throw new Error(picture.format);
    expect(picture.rgb.length).toBe(picture.width * picture.height * 3);
    expect(new Set(picture.rgb).size).toBeGreaterThan(1);
  });

  it('keeps the orientation of a WebP', async () => {
    expect((await prepare(samples.webpTurned)).orientation).toBeGreaterThan(1);
  });

  it('is refused when it is cut off or has too many pixels', async () => {
    await expect(prepare(aGifOf(10, 10).subarray(0, 30))).rejects.toBeInstanceOf(ImageError);
    await expect(prepare(aGifOf(3_000, 3_000, 1))).rejects.toMatchObject({ code: 'image_too_large' });
  });
});

describe('the colours of a prepared picture', () => {
  it('are told by the profile of a JPEG, unless it is sRGB', async () => {
    expect(await prepare(fixture('adobe-v2.jpg'))).toMatchObject({ format: 'jpeg', profile: { components: 3 } });
    expect(await prepare(fixture('cmyk-lut16.jpg'))).toMatchObject({ profile: { components: 4 } });
    expect(await prepare(photo)).not.toHaveProperty('profile');
  });

  it('are sRGB in a PNG', async () => {
    const { rgb } = await preparePng(fixture('prophoto-v4.png'));

    expect(difference([...rgb.subarray(0, 3)], [255, 0, 62])).toBeLessThanOrEqual(2);
  });

  it.each([3, 4, 5, 6, 8, 12])('do not lose the last %i bytes of a JPEG', async (missing) => {
    await expect(prepare(photo.subarray(0, -missing))).rejects.toMatchObject({ code: 'broken_image' });
  });

  it('are refused if a JPEG without its end marker is too large to be checked', async () => {
    // Progressive, of 48 megapixels: its coefficients are checked before it is decoded.
    const large = aJpegHeader(8000, 6000).map((byte, at) => (at === 3 ? 0xc2 : byte));

    await expect(prepare(large)).rejects.toMatchObject({
      code: 'image_too_large',
      message: expect.stringMatching(/lacks its end marker.*MiB/),
    });
  });

  it('do not need the end marker of a JPEG', async () => {
    expect((await prepareJpeg(photo.subarray(0, -2))).at(-1)).toBe(0xd9);
    await expect(prepare(photo.subarray(0, -2000))).rejects.toMatchObject({ code: 'broken_image' });
  });
});
