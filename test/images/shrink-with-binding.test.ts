import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { type ImageHeader, readHeader } from '../../src/images/index.ts';
import { shrinkWithBinding, shrunkSize } from '../../src/images/shrink-with-binding.ts';
import { aPhoto, CORNERS, difference, see } from '../support/photos.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

describe('shrinking with the Images binding', () => {
  it('returns the picture upright, and no larger than wanted', async () => {
    const photo = await aPhoto({ width: 480, height: 320, orientation: 6 });

    const shrunk = await shrinkWithBinding(env.IMAGES!, photo, await readHeader(photo), { width: 240, height: 160 });

    expect(await readHeader(shrunk)).toEqual({ format: 'png', width: 240, height: 160, orientation: 1 });
    for (const [index, colour] of see(shrunk).corners().entries())
      expect(difference(colour, Object.values(CORNERS)[index]!)).toBeLessThan(30);
  });

  it('does not send a JPEG that is cut off', async () => {
    const photo = await aPhoto();
    const input = vi.fn();
    const cut = photo.subarray(0, photo.length / 2);

    await expect(
      shrinkWithBinding({ input } as unknown as ImagesBinding, cut, await readHeader(photo), { width: 9, height: 9 }),
    ).rejects.toMatchObject({ code: 'broken_image' });
    expect(input).not.toHaveBeenCalled();
  });
});

it('does not send a file that is larger than the binding takes', async () => {
  const photo = await aPhoto();
  const input = vi.fn();
  const padded = new Uint8Array(20_000_001);
  padded.set(photo);

  await expect(
    shrinkWithBinding({ input } as unknown as ImagesBinding, padded, await readHeader(photo), { width: 9, height: 9 }),
  ).rejects.toMatchObject({ code: 'image_too_large', message: /20000001 bytes/ });
  expect(input).not.toHaveBeenCalled();
});

describe('the size to shrink to', () => {
  const source = (orientation: ImageHeader['orientation']): ImageHeader => ({
    ...{ format: 'jpeg', width: 4000, height: 3001, orientation },
  });

  it('is the share of the upright picture, rounded up', () => {
    expect(shrunkSize(source(1), 0.1)).toEqual({ width: 400, height: 301 });
    expect(shrunkSize(source(6), 0.1)).toEqual({ width: 301, height: 400 });
  });

  it('is never larger than the picture', () => {
    expect(shrunkSize(source(1), 2)).toEqual({ width: 4000, height: 3001 });
  });
});
