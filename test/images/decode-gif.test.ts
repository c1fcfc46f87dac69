import { describe, expect, it } from 'vitest';
import { decodeGif, foreseeGifBytes } from '../../src/images/decode-gif.ts';
import { resizeImage } from '../../src/images/index.ts';
import { see } from '../support/photos.ts';
import { aGifOf, join } from './bombs.ts';
import { meanDifference } from './difference.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

const box = { width: 500, height: 500, fit: 'inside', format: 'png', quality: 80 } as const;
const RED = [255, 0, 0, 255];
/** Where the frame of aGifOf() begins. */
const FRAME = 27;

describe('a GIF', () => {
  it.each([
    ['a screen of 0×0', aGifOf(0, 20)],
    ['a screen smaller than its frame', aGifOf(10, 20)],
    ['no end', aGifOf(20, 20).subarray(0, -1)],
    ['no end of its data', aGifOf(20, 20).subarray(0, -2)],
    ['an extension that no program knows', withExtension(aGifOf(20, 20))],
  ])('with %s is read', async (_, bytes) => {
    const { outputs, source } = await resizeImage(bytes, [box]);

    expect([source.width, source.height]).toEqual([20, 20]);
    expect(see(outputs[0]!.bytes).at(19, 19)).toEqual(RED);
  });

  it('of another program with a larger frame has the size of the frame', async () => {
    const { source, outputs } = await resizeImage(fixture('frame-larger.gif'), [box]);

    expect([outputs[0]!.width, outputs[0]!.height]).toEqual([source.width, source.height]);
    expect(source.width).toBeGreaterThan(50);
  });

  it.each(['interlaced', 'photon-refuses'])('has the same pixels as with Pillow: %s', async (name) => {
    const { outputs } = await resizeImage(fixture(`${name}.gif`), [box]);

    expect(meanDifference(outputs[0]!.bytes, fixture(`${name}.png`))).toBe(0);
  });

  it('shows only its first frame', () => {
    const one = aGifOf(20, 20);
    const two = join(one.subarray(0, -1), aGifOf(20, 20).subarray(FRAME));
    two[two.length - aGifOf(20, 20).length + FRAME] = 0x2c;

    expect(decodeGif(two)).toEqual(decodeGif(one));
  });

  it('is transparent where its first frame is not', () => {
    const bytes = aGifOf(40, 20);
    bytes[FRAME + 1] = 15;
    const { data, width } = decodeGif(bytes);
    const at = (x: number, y: number) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];

    expect([at(14, 0), at(15, 0), at(34, 19), at(35, 19), at(15, 20)]).toEqual([
      [0, 0, 0, 0],
      RED,
      RED,
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('is transparent in one of its colours, if it says so', () => {
    const bytes = aGifOf(20, 20);
    bytes[22] = 1;

    expect(decodeGif(bytes).data.every((value) => value === 0)).toBe(true);
  });

  it.each(Array.from({ length: 60 }, (_, index) => index + 1))('cut off by %i bytes is never wrong', (missing) => {
    const whole = decodeGif(samples.gif).data;
    let data: Uint8Array | undefined;
    try {
      data = decodeGif(samples.gif.subarray(0, -missing)).data;
    } catch (error) {
      expect(error).toMatchObject({
        code: 'broken_image',
        message: expect.stringMatching(/ends too early: \d+ of the 32 rows/),
      });
    }
    if (data) expect(data).toEqual(whole);
    expect(data !== undefined).toBe(missing < 4);
  });

  it.each([
    ['codes without meaning', (bytes: Uint8Array) => bytes.fill(0xff, FRAME + 14, FRAME + 40), /cannot be unpacked/],
    ['a frame without pixels', (bytes: Uint8Array) => bytes.fill(0, FRAME + 5, FRAME + 7), /has no pixels/],
    ['no colours', (bytes: Uint8Array) => bytes.fill(0, 10, 11), /has no/],
  ])('with %s is refused', (_, damage, message) => {
    const bytes = aGifOf(20, 20);
    damage(bytes);

    expect(() => decodeGif(bytes)).toThrow(
      expect.objectContaining({ code: 'broken_image', message: expect.stringMatching(message) }),
    );
  });

  it('needs memory for its screen and its frame', () => {
    const bytes = aGifOf(40, 20);

    expect(foreseeGifBytes(bytes)).toBe(4 * 40 * 40 + 20 * 20 + bytes.length);
  });
});

/** Puts an extension of type 7 behind the colours. */
function withExtension(gif: Uint8Array): Uint8Array {
  return join(gif.subarray(0, 19), Uint8Array.of(0x21, 0x07, 2, 1, 2, 0), gif.subarray(19));
}
