// Resizes pixels with a Lanczos filter, one output row at a time, so that it holds only one row besides source and result.
// Photon's own resize needs 8 bytes for each source pixel and 16 for each pixel of source width × output height.
import { CHANNELS, type Pixels } from './pixels.ts';
import type { Rectangle, Size } from './place.ts';

/** The number of lobes of the Lanczos window: 3 is usual for photographs, 1 is fast and soft. */
export type Lobes = 1 | 3;

interface Kernel {
  lobes: Lobes;
  sharpness: number;
}

const ROWS_AT_ONCE = 7;

/** Weights are whole numbers of this many parts, because whole numbers are added in half the time of fractions. */
export const PARTS = 2 ** 14;
/** A sum of rows is shortened by these bits before it is weighted again, so that it fits into 32 bits. */
const SHORTENED = 7;
const ROUND = 2 ** (28 - SHORTENED - 1);

/** For each output position: the first source position, and `count` weights that add up to PARTS. */
export interface Taps {
  first: Int32Array;
  weights: Int32Array;
  count: number;
}

/** The most memory besides source and result, in bytes: one row, and the weights for both sides. */
export function foreseeResampleBytes({ width, height }: Size): number {
  return width * 4 * CHANNELS.rgba + (width + height) * 2 * 3 * 4;
}

/** Makes the pixels of the result, which go to `data`, from the rows and columns of the source. */
export type Mix = (source: Pixels, rows: Taps, columns: Taps, data: Uint8ClampedArray) => void;

export interface Filter {
  /** What each pixel takes from its neighbours, to undo a blur of the source. */
  sharpness?: number;
  /** A quicker way for this source. */
  mix?: Mix;
}

/**
 * Resizes the part `crop` of a picture to `size`. The result has its own memory and the colour type of the source.
 */
export function resample(
  source: Pixels,
  crop: Rectangle,
  size: Size,
  lobes: Lobes = 3,
  { sharpness = 0, mix = mixOf(source) }: Filter = {},
): Pixels {
  const isWhole = crop.width === source.width && crop.height === source.height;
  if (isWhole && size.width === source.width && size.height === source.height) {
    return { ...source, data: source.data.slice() };
  }
  const channels = CHANNELS[source.colour];
  const kernel = { lobes, sharpness };
  const columns = taps(crop.left, crop.width, size.width, source.width, kernel);
  const rows = taps(crop.top, crop.height, size.height, source.height, kernel);
  const data = new Uint8ClampedArray(size.width * size.height * channels);
  mix(source, rows, columns, data);
  return { data: new Uint8Array(data.buffer), ...size, colour: source.colour };
}

function mixOf({ colour }: Pixels): Mix {
  return colour === 'rgba' ? mixWeighted : mixPlain;
}

function mixPlain(source: Pixels, rows: Taps, columns: Taps, data: Uint8ClampedArray): void {
  const channels = CHANNELS[source.colour];
  const row = new Int32Array(source.width * channels);
  for (let y = 0; y < rows.first.length; y++) {
    addRows(source.data, (rows.first[y] ?? 0) * row.length, weightsOf(rows, y), row);
    const target = data.subarray(y * columns.first.length * channels);
    if (channels === 3) addColours(row, columns, target);
    else for (let channel = 0; channel < channels; channel++) addChannel(row, channels, channel, columns, target);
  }
}

/** Takes seven rows at a time, because reading and writing the sum takes longer than the sum. */
function addRows(data: Uint8Array, first: number, weights: Int32Array, row: Int32Array): void {
  const length = row.length;
  row.fill(0);
  for (let tap = 0; tap < weights.length; tap += ROWS_AT_ONCE) {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0, w6 = 0] = weights.subarray(tap, tap + ROWS_AT_ONCE);
    // A row beyond the last one has no weight, and the last one is read in its place.
    const from = (ahead: number) => first + Math.min(tap + ahead, weights.length - 1) * length;
    const [r0, r1, r2, r3, r4, r5, r6] = [from(0), from(1), from(2), from(3), from(4), from(5), from(6)] as const;
    for (let at = 0; at < length; at++) {
      let sum = (row[at] ?? 0) + Math.imul(w0, data[r0 + at] ?? 0) + Math.imul(w1, data[r1 + at] ?? 0);
      sum += Math.imul(w2, data[r2 + at] ?? 0) + Math.imul(w3, data[r3 + at] ?? 0) + Math.imul(w4, data[r4 + at] ?? 0);
      row[at] = sum + Math.imul(w5, data[r5 + at] ?? 0) + Math.imul(w6, data[r6 + at] ?? 0);
    }
  }
}

function addColours(row: Int32Array, { first, weights, count }: Taps, data: Uint8ClampedArray): void {
  let tap = 0;
  let to = 0;
  for (let x = 0; x < first.length; x++) {
    // Taking values from a list here would double the time.
    let one = ROUND;
    let two = ROUND;
    let three = ROUND;
    let at = (first[x] ?? 0) * 3;
    for (const end = tap + count; tap < end; tap++) {
      const weight = weights[tap] ?? 0;
      one = (one + Math.imul(weight, (row[at] ?? 0) >> SHORTENED)) | 0;
      two = (two + Math.imul(weight, (row[at + 1] ?? 0) >> SHORTENED)) | 0;
      three = (three + Math.imul(weight, (row[at + 2] ?? 0) >> SHORTENED)) | 0;
      at += 3;
    }
    data[to] = one >> (28 - SHORTENED);
    data[to + 1] = two >> (28 - SHORTENED);
    data[to + 2] = three >> (28 - SHORTENED);
    to += 3;
  }
}

function addChannel(row: Int32Array, step: number, channel: number, columns: Taps, data: Uint8ClampedArray): void {
  const { first, weights, count } = columns;
  for (let x = 0; x < first.length; x++) {
    let sum = ROUND;
    for (let tap = x * count, at = (first[x] ?? 0) * step + channel; tap < (x + 1) * count; tap++, at += step) {
      sum = (sum + Math.imul(weights[tap] ?? 0, (row[at] ?? 0) >> SHORTENED)) | 0;
    }
    data[x * step + channel] = sum >> (28 - SHORTENED);
  }
}

/** Colours are weighted by alpha, so that transparent pixels add no colour; at the end they are divided by it. */
function mixWeighted(source: Pixels, rows: Taps, columns: Taps, data: Uint8ClampedArray): void {
  const row = new Float32Array(source.width * 4);
  for (let y = 0; y < rows.first.length; y++) {
    row.fill(0);
    weightsOf(rows, y).forEach((weight, tap) => {
      if (weight !== 0) addPremultiplied(source.data, ((rows.first[y] ?? 0) + tap) * row.length, weight / PARTS, row);
    });
    writeDivided(row, columns, data.subarray(y * columns.first.length * 4));
  }
}

function addPremultiplied(data: Uint8Array, from: number, weight: number, row: Float32Array): void {
  for (let at = 0; at < row.length; at += 4) {
    const share = weight * (data[from + at + 3] ?? 0);
    row[at] = (row[at] ?? 0) + share * (data[from + at] ?? 0);
    row[at + 1] = (row[at + 1] ?? 0) + share * (data[from + at + 1] ?? 0);
    row[at + 2] = (row[at + 2] ?? 0) + share * (data[from + at + 2] ?? 0);
    row[at + 3] = (row[at + 3] ?? 0) + share;
  }
}

function writeDivided(row: Float32Array, { first, weights, count }: Taps, data: Uint8ClampedArray): void {
  for (let x = 0; x < first.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    for (let tap = x * count, at = (first[x] ?? 0) * 4; tap < (x + 1) * count; tap++, at += 4) {
      const weight = weights[tap] ?? 0;
      red += weight * (row[at] ?? 0);
      green += weight * (row[at + 1] ?? 0);
      blue += weight * (row[at + 2] ?? 0);
      alpha += weight * (row[at + 3] ?? 0);
    }
    data[4 * x + 3] = alpha / PARTS;
    if (alpha <= 0) continue;
    data[4 * x] = red / alpha;
    data[4 * x + 1] = green / alpha;
    data[4 * x + 2] = blue / alpha;
  }
}

export function weightsOf({ weights, count }: Taps, position: number): Int32Array {
  return weights.subarray(position * count, (position + 1) * count);
}

/** The weights that map `length` source positions, beginning at `offset`, to `size` output positions. */
function taps(offset: number, length: number, size: number, sourceSize: number, kernel: Kernel): Taps {
  const { lobes } = kernel;
  const ratio = length / size;
  const stretch = Math.max(1, ratio);
  const count = Math.min(sourceSize, Math.ceil(2 * lobes * stretch) + 1);
  const result = { first: new Int32Array(size), weights: new Int32Array(size * count), count };
  const exact = new Float64Array(count);
  for (let position = 0; position < size; position++) {
    const centre = offset + (position + 0.5) * ratio - 0.5;
    const first = Math.min(sourceSize - count, Math.max(0, Math.ceil(centre - lobes * stretch)));
    exact.forEach((_, tap) => {
      exact[tap] = weightAt((first + tap - centre) / stretch, kernel);
    });
    const sum = exact.reduce((total, weight) => total + weight, 0);
    const weights = weightsOf(result, position);
    // Rounded so that the weights add up to PARTS: the rounding error of each is passed to the next.
    let [before, given] = [0, 0];
    exact.forEach((weight, tap) => {
      before += weight;
      weights[tap] = Math.round((before / sum) * PARTS) - given;
      given += weights[tap] ?? 0;
    });
    result.first[position] = first;
  }
  return result;
}

function weightAt(x: number, { lobes, sharpness }: Kernel): number {
  const weight = lanczos(x, lobes);
  if (sharpness === 0) return weight;
  return weight + sharpness * (2 * weight - lanczos(x - 1, lobes) - lanczos(x + 1, lobes));
}

function lanczos(x: number, lobes: Lobes): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}
