// Resizes the output with weights that the caller calculates: one row at a time, first from top to bottom, then from left to
// right. A weight of 1 is 16384.
import { reserve } from './memory';

/** The most rows of one call. The caller calls again for more. */
const MOST: i32 = 64;
/** The longest side of what the caller makes, and the columns of pixels that one of it is made of, on each side. */
const LONGEST: i32 = 4096;
const LOBES: i32 = 3;

/** Between the two directions, numbers have 5 bits behind the point. */
const SHIFT_ROWS: i32 = 9;
const SHIFT_COLUMNS: i32 = 19;

/** Where the caller writes the weights of rows, of 16 bits. Behind the last one must be a 0 if their number is odd. */
export const WEIGHTS: usize = memory.data(128, 16);

let colours: i32 = 0;
let length: i32 = 0;
let sums: usize = 0;
let line: usize = 0;
let result: usize = 0;
let columns: usize = 0;

export function reserveFilter(width: i32, count: i32): void {
  colours = count;
  length = width * count;
  sums = reserve((length + 16) * 4);
  line = reserve((length + 16) * 2);
  result = reserve(LONGEST * 4 + 16);
  columns = reserve(columnBytes(width));
}

/** For each column of the result: the first column of the output, of 32 bits, then all weights, of 16 bits. */
function columnBytes(width: i32): i32 {
  return LONGEST * 4 + 2 * (2 * LOBES * width + (2 * LOBES + 3) * LONGEST);
}

export function columnsAt(): usize {
  return columns;
}

/** Adds rows of the output, each multiplied by its weight, to those before, or begins anew. */
export function addRows(from: usize, count: i32, isFirst: bool): void {
  if (count > MOST) unreachable();
  for (let at = 0; at < length; at += 16) {
    const to = sums + ((<usize>at) << 2);
    let one = isFirst ? i32x4.splat(0) : v128.load(to);
    let two = isFirst ? i32x4.splat(0) : v128.load(to + 16);
    let three = isFirst ? i32x4.splat(0) : v128.load(to + 32);
    let four = isFirst ? i32x4.splat(0) : v128.load(to + 48);
    let row = from + at;
    for (let tap = 0; tap < count; tap += 2) {
      const weights = v128.load_splat<i32>(WEIGHTS + ((<usize>tap) << 1));
      const upper = v128.load(row);
      const lower = tap + 1 < count ? v128.load(row + length) : upper;
      row += length * 2;
      const left = v128.shuffle<i8>(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const right = v128.shuffle<i8>(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      one = i32x4.add(one, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(left), weights));
      two = i32x4.add(two, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(left), weights));
      three = i32x4.add(three, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(right), weights));
      four = i32x4.add(four, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(right), weights));
    }
    v128.store(to, one);
    v128.store(to + 16, two);
    v128.store(to + 32, three);
    v128.store(to + 48, four);
  }
}

/**
 * Makes a row of the result from the sums.
 * @param count the number of weights of each column: even, so the last one may be 0
 * @returns where its bytes are
 */
export function makeRow(width: i32, count: i32): usize {
  const round = i32x4.splat(1 << (SHIFT_ROWS - 1));
  for (let at: usize = 0; at < <usize>length; at += 8) {
    const one = i32x4.shr_s(i32x4.add(v128.load(sums + at * 4), round), SHIFT_ROWS);
    const other = i32x4.shr_s(i32x4.add(v128.load(sums + at * 4 + 16), round), SHIFT_ROWS);
    v128.store(line + at * 2, i16x8.narrow_i32x4_s(one, other));
  }
  let weights = columns + width * 4;
  let to = result;
  for (let x = 0; x < width; x++) {
    const from = line + load<i32>(columns + x * 4) * colours * 2;
    const sum =
      colours === 1
        ? grey(from, weights, count)
        : colours === 3
          ? three(from, weights, count)
          : four(from, weights, count);
    const numbers = i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (SHIFT_COLUMNS - 1))), SHIFT_COLUMNS);
    const halves = i16x8.narrow_i32x4_s(numbers, numbers);
    // Writes more than one pixel; the next one writes over it.
    v128.store32_lane(to, i8x16.narrow_i16x8_u(halves, halves), 0);
    weights += count * 2;
    to += colours;
  }
  return result;
}

function grey(from: usize, weights: usize, count: i32): v128 {
  let sum = 0;
  for (let tap = 0; tap < count; tap++) sum += <i32>load<i16>(from + tap * 2) * load<i16>(weights + tap * 2);
  return i32x4.splat(sum);
}

function three(from: usize, weights: usize, count: i32): v128 {
  let sum = i32x4.splat(0);
  for (let tap = 0; tap < count; tap += 2) {
    const pixels = v128.load(from + tap * 6);
    const pairs = v128.shuffle<i16>(pixels, pixels, 0, 3, 1, 4, 2, 5, 6, 7);
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(pairs, v128.load_splat<i32>(weights + tap * 2)));
  }
  return sum;
}

function four(from: usize, weights: usize, count: i32): v128 {
  let sum = i32x4.splat(0);
  for (let tap = 0; tap < count; tap += 2) {
    const pixels = v128.load(from + tap * 8);
    const pairs = v128.shuffle<i16>(pixels, pixels, 0, 4, 1, 5, 2, 6, 3, 7);
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(pairs, v128.load_splat<i32>(weights + tap * 2)));
  }
  return sum;
}
