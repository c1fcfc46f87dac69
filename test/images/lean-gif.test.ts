import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { leanGif } from '../../src/images/lean-gif.ts';
import { see } from '../support/photos.ts';
import { aGifOf, join } from './bombs.ts';
import { fixture } from './fixture.ts';

const box = { width: 500, height: 500, fit: 'inside', format: 'png', quality: 80 } as const;
const RED = [255, 0, 0, 255];

describe('a GIF', () => {
  it.each([
    ['a screen of 0×0', aGifOf(0, 20)],
    ['a screen smaller than its frame', aGifOf(10, 20)],
    ['no end', aGifOf(20, 20).subarray(0, -1)],
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

  it('keeps only its first frame', () => {
    const one = aGifOf(20, 20);
    const two = join(one.subarray(0, -1), one.subarray(19));

    expect(leanGif(two)).toEqual(leanGif(one));
  });
});

/** Puts an extension of type 7 behind the colours. */
function withExtension(gif: Uint8Array): Uint8Array {
  return join(gif.subarray(0, 19), Uint8Array.of(0x21, 0x07, 2, 1, 2, 0), gif.subarray(19));
}
