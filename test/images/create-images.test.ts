import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { createImages, ImageError, type ResizeOptions } from '../../src/images/index.ts';
import { aPhoto, aPng, aPngHeader, difference, see } from '../support/photos.ts';
import { aBmp, aGifOf } from './bombs.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 300, height: 200, fit: 'inside', format: 'jpeg', quality: 90 } as const;
const images = createImages('auto', env.IMAGES);

/** An upright PNG of 8 megapixels: too many for the isolate, few for Cloudflare. */
const large = aPng(4000, 2000, [10, 120, 230, 255]);

describe('the Images binding, as the test runner simulates it', () => {
  it('makes outputs beyond the limits of the isolate, with a result of the same shape', async () => {
    const { outputs, source, engine, preview, peakWasmBytes } = await images.resize(large, [
      options,
      { ...options, width: 100, height: 100, fit: 'cover', format: 'png' },
    ]);

    expect(engine).toBe('images');
    expect(source).toEqual({ format: 'png', width: 4000, height: 2000, orientation: 1 });
    expect(outputs.map(({ width, height, contentType }) => [width, height, contentType])).toEqual([
      [300, 150, 'image/jpeg'],
      [100, 100, 'image/png'],
    ]);
    expect(difference(see(outputs[0]!.bytes).at(100, 100), [10, 120, 230])).toBeLessThan(6);
    expect(preview.dominantColour).toBe('#0a78e6');
    expect(peakWasmBytes).toBeLessThan(16 * 2 ** 20);
  }, 30_000);
});

describe('the engine', () => {
  const input = vi.fn();
  const fake = (error: Error & { code?: number }) => {
    input.mockImplementation(() => ({ transform: () => ({ output: () => Promise.reject(error) }) }));
    return { input } as unknown as ImagesBinding;
  };
  const failing = (code: number) => fake(Object.assign(new Error('as Cloudflare says'), { code }));

  it('photon never asks the binding; auto asks it only for pictures beyond the limits', async () => {
    input.mockClear();
    const binding = failing(9413);

    await expect(createImages('photon', binding).resize(large, [options])).rejects.toMatchObject({
      code: 'image_too_large',
      message: expect.stringContaining('the limit for'),
    });
    expect((await createImages('auto', binding).resize(await aPhoto(), [options])).engine).toBe('photon');
    await expect(createImages('auto', binding).resize(new Uint8Array(9), [options])).rejects.toThrow(ImageError);
    expect(input).not.toHaveBeenCalled();
  });

  it('auto without a binding names the limit', async () => {
    await expect(createImages('auto').resize(large, [options])).rejects.toMatchObject({
      code: 'image_too_large',
      message: expect.stringContaining('8 megapixels; the limit for'),
    });
  });

  it.each([
    [9413, 'image_too_large'],
    [9412, 'broken_image'],
    [9520, 'broken_image'],
  ])('treats error number %i as permanent: %s', async (number, code) => {
    await expect(createImages('auto', failing(number)).resize(large, [options])).rejects.toMatchObject({
      name: 'ImageError',
      code,
      message: expect.stringContaining('as Cloudflare says'),
    });
  });

  it.each([9422, 9505, 9523])('leaves error number %i to another attempt', async (number) => {
    const error = await createImages('auto', failing(number))
      .resize(large, [options])
      .catch((thrown: unknown) => thrown);

    expect(error).not.toBeInstanceOf(ImageError);
  });

  it.each([
    [20_000, 1000, '20000×1000'],
    [11_000, 11_000, '11000×11000'],
  ])('does not send a picture beyond the limits of Cloudflare: %i×%i', async (width, height, said) => {
    input.mockClear();

    await expect(createImages('auto', failing(0)).resize(aPngHeader(width, height), [options])).rejects.toMatchObject({
      code: 'image_too_large',
      message: expect.stringContaining(said),
    });
    expect(input).not.toHaveBeenCalled();
  });

  it.each<[string, Uint8Array, Partial<ResizeOptions>, string, RegExp]>([
    ['a BMP', aBmp(4000, 3000, [1, 2, 3]).subarray(0, 99), {}, 'image_too_large', /4000×3000 is 12 megapixels/],
    ['a PNG that is cut off', large.subarray(0, large.length / 2), {}, 'broken_image', /PNG .* ends before its end/],
    ['a GIF cut off', aGifOf(4000, 4000, 100).subarray(0, -3), {}, 'broken_image', /GIF .* ends before its end/],
    ['a GIF cut off early', aGifOf(4000, 4000, 100).subarray(0, 60), {}, 'broken_image', /GIF .* ends before its end/],
    [
      'a picture whose outputs do not fit',
      large,
      { width: 2400, height: 2400, fit: 'contain' },
      'image_too_large',
      /Outputs of this size/,
    ],
  ])('does not pay for %s', async (_name, bytes, wanted, code, message) => {
    input.mockClear();

    await expect(createImages('auto', failing(9523)).resize(bytes, [{ ...options, ...wanted }])).rejects.toMatchObject({
      name: 'ImageError',
      code,
      message: expect.stringMatching(message),
    });
    expect(input).not.toHaveBeenCalled();
  });

  it.each([
    ['a PNG', large],
    ['a PNG without its last byte', large.subarray(0, -1)],
    ['a GIF', aGifOf(4000, 4000, 100)],
    ['a GIF without its last byte', aGifOf(4000, 4000, 100).subarray(0, -1)],
  ])('asks for %s', async (_name, bytes) => {
    input.mockClear();

    await expect(createImages('auto', failing(9523)).resize(bytes, [options])).rejects.toThrow('as Cloudflare says');
    expect(input).toHaveBeenCalledOnce();
  });

  it.each([
    [415, 'broken_image'],
    [422, 'broken_image'],
    [413, 'image_too_large'],
    [429, undefined],
    [500, undefined],
  ])('treats an answer of %i without an error number as %s', async (status, code) => {
    const answer = Object.assign(new Error(`Unexpected error response ${status}: no`), { code: 9523 });
    const error = await createImages('auto', fake(answer))
      .resize(large, [options])
      .catch((thrown: unknown) => thrown);

    expect(error instanceof ImageError ? error.code : undefined).toBe(code);
  });
});
