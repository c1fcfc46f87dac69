// Gives one row of a component the width of the picture. Components of half the size are enlarged as libjpeg does it: of two
// neighbours, the nearer one counts three times.
import * as picture from './picture';

/** Components with fewer samples in a row are not blended. */
const NARROW: i32 = 3;

/** Three quarters of a row and one of its neighbour, times four, with one number before the first. */
let blend: usize = 0;

export function useBlend(at: usize): void {
  blend = at + 16;
}

/**
 * @param y the row of the picture
 * @param top the row of the picture from which the samples are there, behind the one row before
 * @param to numbers of 16 bits, as many as whole MCUs have, and 16 more
 */
export function upsampleRow(component: usize, y: i32, top: i32, to: usize): void {
  const isHalf = picture.field(component, picture.ACROSS) * 2 === picture.maxAcross;
  const isWhole = picture.field(component, picture.ACROSS) === picture.maxAcross;
  const down = picture.field(component, picture.DOWN);
  const row = (y * down) / picture.maxDown;
  const near = rowAt(component, row, top);
  const width = picture.field(component, picture.WIDTH);
  if (isHalf ? width < NARROW : !isWhole) {
    repeat(component, near, to);
    return;
  }
  let far = near;
  const isTall = down * 2 === picture.maxDown;
  if (isTall) {
    const other = y & 1 ? row + 1 : row - 1;
    far = rowAt(component, min(max(other, 0), picture.field(component, picture.HEIGHT) - 1), top);
  }
  if (isHalf) {
    blendRows(near, far, isTall, width);
    if (isTall) double(width, 8, 7, 4, to);
    else double(width, 1, 2, 2, to);
  } else if (isTall) {
    blendRows(near, far, true, width);
    shorten(width, y & 1 ? 2 : 1, to);
  } else widen(near, width, to);
}

function rowAt(component: usize, row: i32, top: i32): usize {
  const first = (top * picture.field(component, picture.DOWN)) / picture.maxDown;
  return load<usize>(component + picture.SAMPLES) + (row - first + 1) * picture.field(component, picture.STRIDE);
}

function widen(from: usize, width: i32, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 8) v128.store(to + x * 2, v128.load_ext<u8>(from + x));
}

/** Other ratios: each sample counts for all of its pixels. */
function repeat(component: usize, from: usize, to: usize): void {
  const across = picture.field(component, picture.ACROSS);
  for (let x = 0; x < picture.width; x++) {
    store<u16>(to + x * 2, load<u8>(from + (x * across) / picture.maxAcross));
  }
}

function blendRows(near: usize, far: usize, isTall: bool, width: i32): void {
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const one = v128.load_ext<u8>(near + x);
    const sum = isTall ? i16x8.add(i16x8.add(one, i16x8.shl(one, 1)), v128.load_ext<u8>(far + x)) : one;
    v128.store(blend + x * 2, sum);
  }
  store<u16>(blend - 2, load<u16>(blend));
  store<u16>(blend + width * 2, load<u16>(blend + width * 2 - 2));
}

/** Two numbers from each: one nearer to that before, one nearer to that behind. */
function double(width: i32, first: i16, second: i16, shift: i32, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const middle = v128.load(blend + x * 2);
    const three = i16x8.add(middle, i16x8.shl(middle, 1));
    const even = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(blend + x * 2 - 2)), i16x8.splat(first)), shift);
    const odd = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(blend + x * 2 + 2)), i16x8.splat(second)), shift);
    v128.store(to + x * 4, v128.shuffle<i16>(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + x * 4 + 16, v128.shuffle<i16>(even, odd, 4, 12, 5, 13, 6, 14, 7, 15));
  }
}

function shorten(width: i32, round: i16, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 8) {
    v128.store(to + x * 2, i16x8.shr_u(i16x8.add(v128.load(blend + x * 2), i16x8.splat(round)), 2));
  }
}
