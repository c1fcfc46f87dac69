// Turns a picture upright. It is applied to the small picture after resizing, where it takes almost no time.
import type { Pixels } from './pixels.ts';
import { isQuarterTurn, type Orientation } from './read-orientation.ts';

/**
 * For each orientation: the index of the stored pixel that comes first, and the steps to the pixels on its right and below
 * it.
 */
const WALKS: Record<Orientation, (width: number, height: number) => [first: number, right: number, down: number]> = {
  1: (width) => [0, 1, width],
  2: (width) => [width - 1, -1, width],
  3: (width, height) => [width * height - 1, -1, -width],
  4: (width, height) => [width * (height - 1), 1, -width],
  5: (width) => [0, width, 1],
  6: (width, height) => [width * (height - 1), -width, 1],
  7: (width, height) => [width * height - 1, -width, -1],
  8: (width) => [width - 1, width, -1],
};

/** Turns RGBA pixels upright that are stored with an EXIF orientation (EXIF 2.32, tag 0x0112). */
export function orient(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { data, width, height } = pixels;
  const [first, right, down] = WALKS[orientation](width, height);
  const upright = isQuarterTurn(orientation) ? { width: height, height: width } : { width, height };
  const source = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const target = new Uint32Array(width * height);
  for (let y = 0, to = 0; y < upright.height; y++) {
    for (let x = 0, from = first + y * down; x < upright.width; x++, from += right) target[to++] = source[from] ?? 0;
  }
  return { data: new Uint8Array(target.buffer), ...upright, colour: 'rgba' };
}
