// What the decoder knows about the picture: its components, and where their data are.
import { reserve } from './memory';
import { reserveBlocks } from './store';

/** Up to four components of 64 bytes, each with these fields. */
const COMPONENTS: usize = memory.data(256, 16);
const COMPONENT_BYTES: usize = 64;

/** How many blocks an MCU has in each direction. */
export const ACROSS: usize = 0;
export const DOWN: usize = 4;
/** The size in samples. */
export const WIDTH: usize = 8;
export const HEIGHT: usize = 12;
/** The size in blocks, as far as whole MCUs reach. */
export const BLOCKS_WIDE: usize = 16;
/** The coefficients; 0 if they are not kept. */
export const BLOCKS: usize = 20;
/** The samples of a row of MCUs, with one row of samples before and one behind it. */
export const SAMPLES: usize = 24;
export const STRIDE: usize = 28;
/** The DC of the block before. */
export const LAST_DC: usize = 32;
/** 64 factors of 16 bits, in the order of the file. */
export const FACTORS: usize = 36;
/** The Huffman tables of the scan. */
export const DC_TABLE: usize = 40;
export const AC_TABLE: usize = 44;

export let components: i32 = 0;
export let width: i32 = 0;
export let height: i32 = 0;
export let maxAcross: i32 = 0;
export let maxDown: i32 = 0;
export let mcusWide: i32 = 0;
export let mcusHigh: i32 = 0;

export function componentAt(index: i32): usize {
  return COMPONENTS + <usize>index * COMPONENT_BYTES;
}

export function field(component: usize, name: usize): i32 {
  return load<i32>(component + name);
}

export function setPicture(wide: i32, high: i32, count: i32, across: i32, down: i32): void {
  width = wide;
  height = high;
  components = count;
  maxAcross = across;
  maxDown = down;
  mcusWide = ceilDiv(wide, 8 * across);
  mcusHigh = ceilDiv(high, 8 * down);
}

/** Must be called for each component after setPicture(). Returns the address of its 64 factors. */
export function setComponent(index: i32, across: i32, down: i32, keeps: bool): usize {
  const component = componentAt(index);
  const blocksWide = mcusWide * across;
  store<i32>(component + ACROSS, across);
  store<i32>(component + DOWN, down);
  store<i32>(component + WIDTH, ceilDiv(width * across, maxAcross));
  store<i32>(component + HEIGHT, ceilDiv(height * down, maxDown));
  store<i32>(component + BLOCKS_WIDE, blocksWide);
  store<i32>(component + STRIDE, blocksWide * 8);
  store<usize>(component + SAMPLES, reserve(blocksWide * 8 * (down * 8 + 2)));
  store<usize>(component + FACTORS, reserve(128));
  store<usize>(component + BLOCKS, keeps ? reserveBlocks(blocksWide, mcusHigh * down) : 0);
  return load<usize>(component + FACTORS);
}

export function ceilDiv(value: i32, by: i32): i32 {
  return (value + by - 1) / by;
}
