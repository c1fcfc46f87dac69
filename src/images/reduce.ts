// Halves a picture as often as the outputs allow: each pixel becomes the mean of four. The Lanczos filter then has less to read;
// with twice the wanted size left for it, the difference is hardly visible.
import { CHANNELS, type Pixels } from './pixels.ts';
import type { Size } from './place.ts';

/** The least number of pixels after halving: the filter reads these in a few milliseconds. */
const ENOUGH_PIXELS = 750_000;

/** How much of the wanted size must be left. */
const GAP = 2;

/** By how much to reduce a picture of this size: 1, 2, 4 and so on. `wanted` is the largest output as a share of its size. */
export function reductionFor({ width, height }: Size, wanted: number): number {
  const most = Math.min(1 / (wanted * GAP), Math.sqrt((width * height) / ENOUGH_PIXELS));
  return Math.max(1, 2 ** Math.floor(Math.log2(most)));
}

/** The memory of the reduced pictures, in bytes. */
export function foreseeReducedBytes(size: Size, channels: number, wanted: number): number {
  return reductionFor(size, wanted) === 1 ? 0 : (size.width * size.height * channels) / 3;
}

/** The picture, smaller by a factor that reductionFor() gave. An odd last column or row counts twice in its pixels. */
export function reduce(pixels: Pixels, factor: number): Pixels {
  return factor === 1 ? pixels : reduce(halve(pixels), factor / 2);
}

function halve({ data, width, height, colour }: Pixels): Pixels {
  const channels = CHANNELS[colour];
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const target = new Uint8Array(half.width * half.height * channels);
  const mean = colour === 'rgba' ? weightedMean : channels === 3 ? meanOfThree : meanOf;
  for (let y = 0, to = 0; y < half.height; y++) {
    const above = 2 * y * width * channels;
    const below = Math.min(2 * y + 1, height - 1) * width * channels;
    for (let x = 0; x < half.width; x++, to += channels) {
      const left = 2 * x * channels;
      const right = Math.min(2 * x + 1, width - 1) * channels;
      mean(data, above + left, above + right, below + left, below + right, target, to, channels);
    }
  }
  return { data: target, ...half, colour };
}

type Mean = (
  data: Uint8Array,
  one: number,
  two: number,
  three: number,
  four: number,
  target: Uint8Array,
  to: number,
  channels: number,
) => void;

const meanOf: Mean = (data, one, two, three, four, target, to, channels) => {
  for (let at = 0; at < channels; at++) {
    const sum = (data[one + at] ?? 0) + (data[two + at] ?? 0) + (data[three + at] ?? 0) + (data[four + at] ?? 0);
    target[to + at] = (sum + 2) >> 2;
  }
};

const meanOfThree: Mean = (data, one, two, three, four, target, to) => {
  const first = (data[one] ?? 0) + (data[two] ?? 0) + (data[three] ?? 0) + (data[four] ?? 0);
  const second = (data[one + 1] ?? 0) + (data[two + 1] ?? 0) + (data[three + 1] ?? 0) + (data[four + 1] ?? 0);
  const third = (data[one + 2] ?? 0) + (data[two + 2] ?? 0) + (data[three + 2] ?? 0) + (data[four + 2] ?? 0);
  target[to] = (first + 2) >> 2;
  target[to + 1] = (second + 2) >> 2;
  target[to + 2] = (third + 2) >> 2;
};

/** Colours count by their alpha, so that transparent pixels add no colour. */
const weightedMean: Mean = (data, one, two, three, four, target, to) => {
  const a = data[one + 3] ?? 0;
  const b = data[two + 3] ?? 0;
  const c = data[three + 3] ?? 0;
  const d = data[four + 3] ?? 0;
  const alpha = a + b + c + d;
  target[to + 3] = (alpha + 2) >> 2;
  if (alpha === 0) return;
  for (let at = 0; at < 3; at++) {
    const early = a * (data[one + at] ?? 0) + b * (data[two + at] ?? 0);
    const late = c * (data[three + at] ?? 0) + d * (data[four + at] ?? 0);
    target[to + at] = (early + late) / alpha + 0.5;
  }
};
