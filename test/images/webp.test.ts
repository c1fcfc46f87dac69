import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { foreseeWebpBytes, loadWebpEncoder } from '../../src/images/webp.ts';
import { aPhoto, see } from '../support/photos.ts';
import { meanDifference } from './difference.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const box = { width: 300, height: 300, fit: 'inside', format: 'webp', quality: 80 } as const;
const noise = (width: number, height: number) => ({
  ...{ width, height, colour: 'rgba' as const },
  data: new Uint8Array(width * height * 4).map((_, at) =>
    at % 4 === 3 ? 255 : (Math.imul(at, 0x9e3779b1) >>> 13) & 255,
  ),
});

describe('lossy WebP', () => {
  it('is much smaller than lossless, with nearly the same colours', async () => {
    const photo = await aPhoto();
    const [lossy, lossless] = (await resizeImage(photo, [box, { ...box, format: 'webp-lossless' }])).outputs;

    expect(lossy!.bytes.length).toBeLessThan(lossless!.bytes.length / 3);
    expect(meanDifference(lossy!.bytes, lossless!.bytes)).toBeLessThan(5);
  });

  it('is turned upright', async () => {
    const { outputs } = await resizeImage(await aPhoto({ orientation: 6, width: 320, height: 480 }), [box]);

    expect([outputs[0]!.width, outputs[0]!.height]).toEqual([200, 300]);
  });

  it.each([
    [1, 1],
    [1, 3000],
    [700, 700],
    [710, 710],
    [2048, 1536],
  ])('of %i × %i takes no more memory than foreseen', async (width, height) => {
    const webp = await loadWebpEncoder();
    const { width: seen } = see(webp.encode(noise(width, height), 100));

    expect(seen).toBe(width);
    expect(webp.heldBytes).toBeLessThanOrEqual(foreseeWebpBytes(width * height));
  });

  it('is refused if its memory does not fit', async () => {
    const photo = await aPhoto({ width: 4000, height: 4000 });

    await expect(resizeImage(photo, [{ ...box, width: 4000, height: 4000 }])).rejects.toMatchObject({
      code: 'image_too_large',
      message: /MiB of memory/,
    });
  });
});
