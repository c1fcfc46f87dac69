// Keeps the coefficients of a whole picture that is sent in several scans. Most are small, so a block has 72 bytes: 16 bits for
// each of its first 8 coefficients, 8 for the others. Where one of these is larger, a page holds the upper bytes of 8 positions
// of a row of blocks.
import { reserve } from './memory';
import { BLOCK, PLACES } from './sequential';

const BLOCK_BYTES: usize = 72;
const WIDE: i32 = 8;
const GROUPS: i32 = 7;

/** The memory of a component: its blocks. In front of each row of blocks stand the addresses of its pages. */
export function reserveBlocks(blocksWide: i32, blocksHigh: i32): usize {
  return reserve(rowBytes(blocksWide) * blocksHigh);
}

export function rowBytes(blocksWide: i32): usize {
  return <usize>GROUPS * 4 + <usize>blocksWide * BLOCK_BYTES;
}

/** The row that takes the block, and the block, for get() and put(). */
let row: usize = 0;
let block: usize = 0;
let column: i32 = 0;
let width: i32 = 0;

export function seek(blocks: usize, blocksWide: i32, x: i32, y: i32): void {
  row = blocks + rowBytes(blocksWide) * y;
  block = row + GROUPS * 4 + <usize>x * BLOCK_BYTES;
  column = x;
  width = blocksWide;
}

/** A coefficient, by its position in the file. */
export function get(position: i32): i32 {
  if (position < WIDE) return load<i16>(block + position * 2);
  const low = block + WIDE + position;
  const page = load<usize>(row + ((position >> 3) - 1) * 4);
  if (page === 0) return load<i8>(low);
  return ((<i32>load<i8>(page + column * 8 + (position & 7))) << 8) | load<u8>(low);
}

export function put(position: i32, value: i32): void {
  if (position < WIDE) {
    store<i16>(block + position * 2, value);
    return;
  }
  store<u8>(block + WIDE + position, value);
  const slot = row + ((position >> 3) - 1) * 4;
  let page = load<usize>(slot);
  if (page === 0) {
    if (value === <i32>(<i8>value)) return;
    page = openPage((position >> 3) << 3);
    store<usize>(slot, page);
  }
  store<u8>(page + column * 8 + (position & 7), value >> 8);
}

/** A page for the positions from `first`, with the signs of what the row has. */
function openPage(first: i32): usize {
  const page = reserve(width * 8);
  for (let x = 0; x < width; x++) {
    const low = row + GROUPS * 4 + <usize>x * BLOCK_BYTES + WIDE + first;
    for (let index = 0; index < 8; index++) store<u8>(page + x * 8 + index, load<i8>(low + index) >> 7);
  }
  return page;
}

/** Puts what a sequential scan read. */
export function putBlock(last: i32): void {
  for (let position = 0; position <= last; position++) {
    put(position, load<i16>(BLOCK + load<u8>(PLACES + position)));
  }
}

/** Takes the block to BLOCK, multiplied by the factors. Returns the position of the last coefficient that is not 0. */
export function takeBlock(factors: usize): i32 {
  let last = 0;
  for (let position = 0; position < WIDE; position++) {
    const value = load<i16>(block + position * 2);
    if (value === 0) continue;
    last = position;
    store<i16>(BLOCK + load<u8>(PLACES + position), value * load<u16>(factors + position * 2));
  }
  for (let group = 1; group <= GROUPS; group++) {
    const first = group * 8;
    if (load<u64>(block + WIDE + first) === 0 && load<usize>(row + (group - 1) * 4) === 0) continue;
    for (let position = first; position < first + 8; position++) {
      const value = get(position);
      if (value === 0) continue;
      last = position;
      store<i16>(BLOCK + load<u8>(PLACES + position), value * load<u16>(factors + position * 2));
    }
  }
  return last;
}
