import { describe, expect, it } from 'vitest';
import { ImageError, resizeImage } from '../../src/images/index.ts';
import { repairJpeg } from '../../src/images/repair-jpeg.ts';
import { aPhoto, CORNERS, difference, see } from '../support/photos.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

const box = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [box]);
const photo = await aPhoto();

describe('a JPEG without its end marker', () => {
  it.each([
    ['of Pillow', fixture('no-eoi.jpg'), [120, 80]],
    ['of photon', photo.subarray(0, -2), [120, 80]],
    ['with half of it', photo.subarray(0, -1), [120, 80]],
    ['in grey', samples.grey.subarray(0, -2), [48, 32]],
    ['that is progressive', samples.progressive.subarray(0, -2), [48, 32]],
  ])('is read if every block is there: %s', async (_, bytes, size) => {
    const { outputs } = await resize(bytes);

    expect([outputs[0]!.width, outputs[0]!.height]).toEqual(size);
  });

  it('has the same colours as with it', async () => {
    const { outputs } = await resize(photo.subarray(0, -2));

    expect(difference(see(outputs[0]!.bytes).at(-3, -3), CORNERS.bottomRight)).toBeLessThan(24);
  });

  it.each([4, 10, 100, 2000])('is refused if %i bytes of its blocks are missing', async (missing) => {
    await expect(resize(photo.subarray(0, -2 - missing))).rejects.toMatchObject({ code: 'broken_image' });
  });

  it.each([
    ['grey', samples.grey],
    ['progressive', samples.progressive],
    ['CMYK', samples.cmyk],
  ])('is never silently wrong, whatever is missing: %s', async (_, whole) => {
    const right = (await resize(whole)).outputs[0]!.bytes;
    for (let missing = 1; missing < whole.length / 2; missing++) {
      const cut = await resize(whole.subarray(0, -missing)).catch((error: ImageError) => error);
      if (cut instanceof ImageError) expect(cut.code).toBe('broken_image');
      else expect(cut.outputs[0]!.bytes).toEqual(right);
    }
  });

  it('is refused if a scan is missing', async () => {
    const lastScan = samples.progressive.findLastIndex(
      (byte, at) => byte === 0xff && samples.progressive[at + 1] === 0xc4,
    );

    await expect(resize(samples.progressive.subarray(0, lastScan))).rejects.toMatchObject({
      code: 'broken_image',
      message: /ends before its end marker/,
    });
  });
});

describe('a JPEG without Huffman tables', () => {
  it('gets those of the standard', async () => {
    const { outputs } = await resize(fixture('mjpeg.jpg'));

    expect([outputs[0]!.width, outputs[0]!.height]).toEqual([120, 80]);
    expect(new Set(see(outputs[0]!.bytes).corners().map(String)).size).toBeGreaterThan(1);
  });
});

describe('a JPEG that lacks nothing', () => {
  it('stays as it is', () => {
    expect(repairJpeg(photo)).toEqual({ bytes: photo, lacksEnd: false });
    expect(repairJpeg(photo).bytes).toBe(photo);
  });
});
