// Undoes a blur of the decoder. Most JPEGs store the colours at half the size of the picture, and the decoder doubles them with a
// filter that softens them. In a thumbnail, thin coloured lines would become pale.
import type { JpegFrame } from './jpeg-frame.ts';
import type { Pixels } from './pixels.ts';

/** How much of its neighbours a pixel loses: measured to be best where the decoded picture is twice the wanted size. */
const STRENGTH = 0.13;

/** From this many decoded pixels for each wanted pixel, the blur is too small to be seen. */
const NO_BLUR = 3;

/** The directions in which a JPEG stores its colours at a smaller size than the brightness. */
export interface Halved {
  across: boolean;
  down: boolean;
}

export function halvedColours({ sampling }: JpegFrame): Halved {
  const [light, ...colours] = sampling;
  return {
    across: colours.some(({ horizontal }) => horizontal < (light?.horizontal ?? 1)),
    down: colours.some(({ vertical }) => vertical < (light?.vertical ?? 1)),
  };
}

/** Sharpens the colours, but not the brightness, of a resized picture, in place. `decoded`: decoded pixels for each of its own. */
export function sharpenColours(pixels: Pixels, decoded: number, halved: Halved): void {
  if (pixels.colour !== 'ycc' || decoded >= NO_BLUR) return;
  const { data, width, height } = pixels;
  const line = new Uint8ClampedArray(Math.max(width, height));
  for (const channel of [1, 2]) {
    if (halved.across)
      for (let y = 0; y < height; y++) sharpenLine(data, y * width * 3 + channel, 3, line.subarray(0, width));
    if (halved.down)
      for (let x = 0; x < width; x++) sharpenLine(data, x * 3 + channel, width * 3, line.subarray(0, height));
  }
}

function sharpenLine(data: Uint8Array, from: number, step: number, line: Uint8ClampedArray): void {
  const last = from + (line.length - 1) * step;
  for (let index = 0, at = from; at <= last; index++, at += step) {
    const before = data[Math.max(from, at - step)] ?? 0;
    const after = data[Math.min(last, at + step)] ?? 0;
    line[index] = (1 + 2 * STRENGTH) * (data[at] ?? 0) - STRENGTH * (before + after);
  }
  for (let index = 0, at = from; at <= last; index++, at += step) data[at] = line[index] ?? 0;
}
