// Resizes pixels with a Lanczos filter, one output row at a time, so that it holds only one row besides source and result.
// Photon's own resize needs 8 bytes for each source pixel and 16 for each pixel of source width × output height.
import { CHANNELS, type Pixels } from './pixels.ts';
import type { Rectangle, Size } from './place.ts';

/** The number of lobes of the Lanczos window: 3 is usual for photographs, 1 is fast and soft. */
export type Lobes = 1 | 3;

/** For each output position: the first source position, and `count` weights that add up to 1. */
interface Taps {
  first: Int32Array;
  weights: Float32Array;
  count: number;
}

/** The most memory besides source and result, in bytes: one row, and the weights for both sides. */
export function foreseeResampleBytes({ width, height }: Size): number {
  return width * 4 * CHANNELS.rgba + (width + height) * 2 * 3 * 4;
}

/** Resizes the part `crop` of a picture to `size`. The result has its own memory and the colour type of the source. */
export function resample(source: Pixels, crop: Rectangle, size: Size, lobes: Lobes = 3): Pixels {
  const isWhole = crop.width === source.width && crop.height === source.height;
  if (isWhole && size.width === source.width && size.height === source.height) {
    return { ...source, data: source.data.slice() };
  }
  const channels = CHANNELS[source.colour];
  const columns = taps(crop.left, crop.width, size.width, source.width, lobes);
  const rows = taps(crop.top, crop.height, size.height, source.height, lobes);
  const row = new Float32Array(source.width * channels);
  const data = new Uint8ClampedArray(size.width * size.height * channels);
  for (let y = 0; y < size.height; y++) {
    mixRows(source, channels, rows, y, row);
    mixColumns(row, channels, columns, source.colour === 'rgba', data.subarray(y * size.width * channels));
  }
  return { data: new Uint8Array(data.buffer), ...size, colour: source.colour };
}

/** Adds up the source rows of output row `y`. Colours are weighted by alpha, so that transparent pixels add no colour. */
function mixRows(source: Pixels, channels: number, rows: Taps, y: number, row: Float32Array): void {
  row.fill(0);
  for (let tap = 0; tap < rows.count; tap++) {
    const weight = rows.weights[y * rows.count + tap] ?? 0;
    if (weight === 0) continue;
    const from = ((rows.first[y] ?? 0) + tap) * source.width * channels;
    if (source.colour === 'rgba') addPremultiplied(row, source.data, from, weight);
    else for (let at = 0; at < row.length; at++) row[at] = (row[at] ?? 0) + weight * (source.data[from + at] ?? 0);
  }
}

function addPremultiplied(row: Float32Array, data: Uint8Array, from: number, weight: number): void {
  for (let at = 0; at < row.length; at += 4) {
    const share = weight * (data[from + at + 3] ?? 0);
    row[at] = (row[at] ?? 0) + share * (data[from + at] ?? 0);
    row[at + 1] = (row[at + 1] ?? 0) + share * (data[from + at + 1] ?? 0);
    row[at + 2] = (row[at + 2] ?? 0) + share * (data[from + at + 2] ?? 0);
    row[at + 3] = (row[at + 3] ?? 0) + share;
  }
}

/** Writes one output row. A row that was weighted by alpha is divided by it again. */
function mixColumns(
  row: Float32Array,
  channels: number,
  columns: Taps,
  premultiplied: boolean,
  data: Uint8ClampedArray,
) {
  const { first, weights, count } = columns;
  for (let x = 0; x < first.length; x++) {
    const from = (first[x] ?? 0) * channels;
    let divisor = 1;
    for (let channel = channels - 1; channel >= 0; channel--) {
      let sum = 0;
      for (let tap = 0, at = from + channel; tap < count; tap++, at += channels) {
        sum += (weights[x * count + tap] ?? 0) * (row[at] ?? 0);
      }
      data[x * channels + channel] = divisor === 0 ? 0 : sum / divisor;
      if (premultiplied && channel === 3) divisor = Math.max(0, sum);
    }
  }
}

/** The weights that map `length` source positions, beginning at `offset`, to `size` output positions. */
function taps(offset: number, length: number, size: number, sourceSize: number, lobes: Lobes): Taps {
  const ratio = length / size;
  const stretch = Math.max(1, ratio);
  const count = Math.min(sourceSize, Math.ceil(2 * lobes * stretch) + 1);
  const result = { first: new Int32Array(size), weights: new Float32Array(size * count), count };
  for (let position = 0; position < size; position++) {
    const centre = offset + (position + 0.5) * ratio - 0.5;
    const first = Math.min(sourceSize - count, Math.max(0, Math.ceil(centre - lobes * stretch)));
    const weights = result.weights.subarray(position * count, (position + 1) * count);
    weights.forEach((_, tap) => {
      weights[tap] = lanczos((first + tap - centre) / stretch, lobes);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, tap) => {
      weights[tap] = weight / sum;
    });
    result.first[position] = first;
  }
  return result;
}

function lanczos(x: number, lobes: Lobes): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}
