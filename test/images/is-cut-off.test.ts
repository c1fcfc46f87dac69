import { describe, expect, it } from 'vitest';
import { isCutOff } from '../../src/images/is-cut-off.ts';
import { aPng } from '../support/photos.ts';
import { aGifOf } from './bombs.ts';
import * as samples from './samples.ts';

const png = aPng(30, 30, [1, 2, 3, 255]);

describe('isCutOff', () => {
  it.each([
    ['a whole PNG', 'png', png, false],
    ['a PNG without its last byte', 'png', png.subarray(0, -1), false],
    ['half a PNG', 'png', png.subarray(0, png.length / 2), true],
    ['a whole GIF', 'gif', samples.gif, false],
    ['a GIF without its end marker', 'gif', samples.gif.subarray(0, -1), false],
    ['a GIF with padding', 'gif', Uint8Array.from([...samples.gif, 0, 0]), false],
    ['a GIF without the end of its frame', 'gif', aGifOf(100, 100).subarray(0, -3), true],
    ['a GIF with only a part of its frame', 'gif', aGifOf(100, 100).subarray(0, 60), true],
    ['a whole WebP', 'webp', samples.webpTurned, false],
    ['a WebP without its last bytes', 'webp', samples.webpTurned.subarray(0, -4), true],
  ] as const)('of %s', (_, format, bytes, expected) => {
    expect(isCutOff[format](bytes)).toBe(expected);
  });
});
