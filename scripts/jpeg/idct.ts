// The inverse DCT of a block, in whole numbers: the "slow" one of libjpeg, by the same formulas and so with the same results.
import { BLOCK } from './sequential';

const PASS_1: i32 = 11;
const PASS_2: i32 = 18;
/** Up to this position, the coefficients are in the first four columns. */
const IN_A_QUARTER: i32 = 9;

/** What half a pass makes: eight vectors of four numbers. */
const LEFT: usize = memory.data(128, 16);
const RIGHT: usize = memory.data(128, 16);

/** Writes 8 × 8 samples. `last` is the position of the last coefficient that is not 0. */
export function transform(last: i32, to: usize, stride: usize): void {
  if (last === 0) {
    flat(to, stride);
    return;
  }
  pass(PASS_1, last <= IN_A_QUARTER);
  transpose();
  pass(PASS_2, false);
  transpose();
  const middle = i8x16.splat(-128);
  for (let y: usize = 0; y < 8; y += 2) {
    const rows = i8x16.narrow_i16x8_s(v128.load(BLOCK + y * 16), v128.load(BLOCK + y * 16 + 16));
    const samples = v128.xor(rows, middle);
    v128.store64_lane(to, samples, 0);
    v128.store64_lane(to + stride, samples, 1);
    to += stride * 2;
  }
}

/** A block of one colour. */
function flat(to: usize, stride: usize): void {
  const value = ((<i32>load<i16>(BLOCK) + 4) >> 3) + 128;
  const samples = i8x16.splat(<i8>min(255, max(0, value)));
  for (let y = 0; y < 8; y++, to += stride) v128.store64_lane(to, samples, 0);
}

/** Transforms the columns of BLOCK: all of them, or the first four if the others are 0. */
function pass(shift: i32, isHalf: bool): void {
  const row1 = v128.load(BLOCK + 16);
  const row3 = v128.load(BLOCK + 48);
  const row5 = v128.load(BLOCK + 80);
  const row7 = v128.load(BLOCK + 112);
  const z3 = i16x8.add(row7, row3);
  const z4 = i16x8.add(row5, row1);
  const row0 = v128.load(BLOCK);
  const row2 = v128.load(BLOCK + 32);
  const row4 = v128.load(BLOCK + 64);
  const row6 = v128.load(BLOCK + 96);
  half(left(row0, row4), left(row2, row6), left(row7, row1), left(row5, row3), left(z3, z4), LEFT, shift);
  if (isHalf) memory.fill(RIGHT, 0, 128);
  else half(right(row0, row4), right(row2, row6), right(row7, row1), right(row5, row3), right(z3, z4), RIGHT, shift);
  for (let y: usize = 0; y < 128; y += 16) {
    v128.store(BLOCK + y, i16x8.narrow_i32x4_s(v128.load(LEFT + y), v128.load(RIGHT + y)));
  }
}

/** Transforms four columns, from pairs of rows: 0 and 4, 2 and 6, 7 and 1, 5 and 3, and the sums 7 + 3 and 5 + 1. */
function half(rows04: v128, rows26: v128, rows71: v128, rows53: v128, sums: v128, to: usize, shift: i32): void {
  const round = i32x4.splat(1 << (shift - 1));
  const zero = i32x4.add(products(rows04, 8192, 8192), round);
  const one = i32x4.add(products(rows04, 8192, -8192), round);
  const three = products(rows26, 10703, 4433);
  const two = products(rows26, 4433, -10704);
  const z3 = products(sums, -6436, 9633);
  const z4 = products(sums, 9633, 6437);
  put(to, 0, i32x4.add(zero, three), i32x4.add(products(rows71, -7373, 4926), z4), shift);
  put(to, 16, i32x4.add(one, two), i32x4.add(products(rows53, -20995, 4177), z3), shift);
  put(to, 32, i32x4.sub(one, two), i32x4.add(products(rows53, -4176, -20995), z4), shift);
  put(to, 48, i32x4.sub(zero, three), i32x4.add(products(rows71, -4927, -7373), z3), shift);
}

/** Sum and difference, at a place from the top and the same from the bottom. */
function put(to: usize, place: usize, even: v128, odd: v128, shift: i32): void {
  v128.store(to + place, i32x4.shr_s(i32x4.add(even, odd), shift));
  v128.store(to + 112 - place, i32x4.shr_s(i32x4.sub(even, odd), shift));
}

/** For each pair: the first times one factor plus the second times the other. Factors are parts of 8192. */
function products(pairs: v128, one: i32, other: i32): v128 {
  return i32x4.dot_i16x8_s(pairs, i32x4.splat((other << 16) | (one & 0xffff)));
}

/** Pairs of the first four numbers of both. */
function left(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Pairs of the last four numbers of both. */
function right(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Three times, each half of the rows is mixed with the other. */
function transpose(): void {
  for (let time = 0; time < 3; time++) mix();
}

function mix(): void {
  const row0 = v128.load(BLOCK);
  const row1 = v128.load(BLOCK + 16);
  const row2 = v128.load(BLOCK + 32);
  const row3 = v128.load(BLOCK + 48);
  const row4 = v128.load(BLOCK + 64);
  const row5 = v128.load(BLOCK + 80);
  const row6 = v128.load(BLOCK + 96);
  const row7 = v128.load(BLOCK + 112);
  v128.store(BLOCK, left(row0, row4));
  v128.store(BLOCK + 16, right(row0, row4));
  v128.store(BLOCK + 32, left(row1, row5));
  v128.store(BLOCK + 48, right(row1, row5));
  v128.store(BLOCK + 64, left(row2, row6));
  v128.store(BLOCK + 80, right(row2, row6));
  v128.store(BLOCK + 96, left(row3, row7));
  v128.store(BLOCK + 112, right(row3, row7));
}
