// Makes the pixels of the output: the mean of 1, 4, 16, 64 or 256 pixels of the picture each. Beyond the right and the lower
// edge, the last pixel counts again.
import { addConverted } from './convert';
import { reserveFilter } from './filter';
import { reserve } from './memory';
import * as picture from './picture';
import { rowBytes } from './store';
import { upsampleRow, useBlend } from './upsample';

let kind: i32 = 0;
/** The output has 1/2, 1/4 … of the size: the number of halvings, at most 4. */
let halvings: i32 = 0;
let rows: usize = 0;
let sums: usize = 0;
let lineBytes: usize = 0;
let summed: i32 = 0;
let next: usize = 0;

/** Must be called after setComponent(). Returns the address of the output. */
export function setOutput(colours: i32, times: i32): usize {
  kind = colours;
  halvings = times;
  const width = picture.mcusWide * 8 * picture.maxAcross + 64;
  lineBytes = width * 2;
  rows = reserve(lineBytes * picture.components);
  sums = reserve(lineBytes * picture.components);
  useBlend(reserve(lineBytes));
  summed = 0;
  const pixels = coefficientsAt() || reserve(<usize>outputWidth() * outputHeight() * picture.components + 16);
  next = pixels;
  reserveFilter(outputWidth(), picture.components);
  return pixels;
}

/**
 * The output takes the place of coefficients that were used already, if it grows more slowly than they are used. Returns 0
 * otherwise.
 */
function coefficientsAt(): usize {
  const first = picture.componentAt(0);
  const blocks = load<usize>(first + picture.BLOCKS);
  const used = rowBytes(picture.field(first, picture.BLOCKS_WIDE)) * picture.field(first, picture.DOWN);
  const rowsOfMcus = picture.ceilDiv(8 * picture.maxDown, 1 << halvings);
  return <usize>outputWidth() * picture.components * rowsOfMcus <= used ? blocks : 0;
}

export function outputWidth(): i32 {
  return picture.ceilDiv(picture.width, 1 << halvings);
}

export function outputHeight(): i32 {
  return picture.ceilDiv(picture.height, 1 << halvings);
}

/**
 * Takes the samples of a row of MCUs. The last row of pixels waits for the samples below it, which are needed to enlarge
 * components of half the size.
 */
export function drawRow(mcuRow: i32): void {
  const top = mcuRow * 8 * picture.maxDown;
  const bottom = top + 8 * picture.maxDown;
  const end = bottom >= picture.height ? picture.height : bottom - 1;
  for (let y = max(0, top - 1); y < end; y++) addRow(y, top);
  for (let index = 0; index < picture.components; index++) keepLastRow(picture.componentAt(index));
}

function keepLastRow(component: usize): void {
  const stride = picture.field(component, picture.STRIDE);
  const samples = load<usize>(component + picture.SAMPLES);
  memory.copy(samples, samples + picture.field(component, picture.DOWN) * 8 * stride, stride);
}

function addRow(y: i32, top: i32): void {
  for (let index = 0; index < picture.components; index++) {
    upsampleRow(picture.componentAt(index), y, top, rows + <usize>index * lineBytes);
  }
  const each = 1 << halvings;
  const isLast = y === picture.height - 1;
  const times = isLast ? each - summed : 1;
  for (let time = 0; time < times; time++) {
    addConverted(kind, rows, sums, lineBytes, picture.width, picture.components);
  }
  summed += times;
  if (summed === each) writeRow();
}

function writeRow(): void {
  const each = 1 << halvings;
  const wide = outputWidth();
  for (let index = 0; index < picture.components; index++) {
    const sum = sums + <usize>index * lineBytes;
    const last = load<u16>(sum + (picture.width - 1) * 2);
    for (let x = picture.width; x < wide * each; x++) store<u16>(sum + x * 2, last);
    for (let time = 0; time < halvings; time++) fold(sum, wide << (halvings - time));
  }
  if (picture.components === 3) writeThree(wide);
  else for (let x = 0; x < wide; x++) writePixel(x);
  memory.fill(sums, 0, lineBytes * picture.components);
  summed = 0;
}

function writePixel(x: i32): void {
  const shift = 2 * halvings;
  const round = (1 << shift) >> 1;
  for (let index = 0; index < picture.components; index++, next++) {
    store<u8>(next, (<i32>load<u16>(sums + <usize>index * lineBytes + x * 2) + round) >> shift);
  }
}

/** Eight pixels at a time. */
function writeThree(wide: i32): void {
  let x = 0;
  for (; x + 8 <= wide; x += 8, next += 24) {
    const at = sums + x * 2;
    const redAndGreen = i8x16.narrow_i16x8_u(meanOf(at), meanOf(at + lineBytes));
    const blue = i8x16.narrow_i16x8_u(meanOf(at + 2 * lineBytes), i16x8.splat(0));
    const first = v128.shuffle<i8>(redAndGreen, blue, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5);
    const last = v128.shuffle<i8>(redAndGreen, blue, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0);
    v128.store(next, first);
    v128.store64_lane(next + 16, last, 0);
  }
  for (; x < wide; x++) writePixel(x);
}

function meanOf(at: usize): v128 {
  const shift = 2 * halvings;
  const half = shift === 0 ? 0 : 1 << (shift - 1);
  return i16x8.shr_u(i16x8.add(v128.load(at), i16x8.splat(<i16>half)), shift);
}

/** Adds each number to its neighbour. */
function fold(sum: usize, width: i32): void {
  for (let at: usize = 0; at < <usize>width * 2; at += 32) {
    const one = i32x4.extadd_pairwise_i16x8_u(v128.load(sum + at));
    const other = i32x4.extadd_pairwise_i16x8_u(v128.load(sum + at + 16));
    v128.store(sum + (at >> 1), i16x8.narrow_i32x4_u(one, other));
  }
}
