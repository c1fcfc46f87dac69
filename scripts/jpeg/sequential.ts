// Decodes one block of a sequential scan (ITU-T T.81, F.2).

import { extend, HAS_NUMBER, LENGTH_MASK, LOOKUP_BITS, longCode, SYMBOL_SHIFT } from './huffman';
import { AT, BITS, COUNT, nextBytes } from './input';

/** 64 coefficients of 16 bits, row by row. */
export const BLOCK: usize = memory.data(128, 16);

/** The place in a block of each coefficient, in bytes. Behind the 64th: places that a damaged file may write to. */
export const PLACES: usize = memory.data<u8>([
  0, 2, 16, 32, 18, 4, 6, 20, 34, 48, 64, 50, 36, 22, 8, 10, 24, 38, 52, 66, 80, 96, 82, 68, 54, 40, 26, 12, 14, 28, 42,
  56, 70, 84, 98, 112, 114, 100, 86, 72, 58, 44, 30, 46, 60, 74, 88, 102, 116, 118, 104, 90, 76, 62, 78, 92, 106, 120,
  122, 108, 94, 110, 124, 126,
]);

export function clearBlock(): void {
  memory.fill(BLOCK, 0, 128);
}

/**
 * Reads one block into BLOCK, each coefficient multiplied by its factor. `last` holds the DC of the block before.
 * @param factors 64 numbers of 16 bits, in the order of the file
 * @returns the position of the last coefficient that is not 0; -1 if the data are damaged
 */
export function readBlock(dc: usize, ac: usize, factors: usize, last: usize): i32 {
  let bits = load<u64>(BITS);
  let count = load<i32>(COUNT);
  let at = load<usize>(AT);
  let final = 0;
  let position = 0;
  let table = dc;
  clearBlock();
  while (position < 64) {
    if (count < 32) {
      bits |= nextBytes(at) >>> count;
      at += (63 - count) >> 3;
      count |= 56;
    }
    let entry = load<i32>(table + ((<i32>(bits >>> (64 - LOOKUP_BITS))) << 2));
    if (entry === 0) entry = longCode(table, bits);
    const length = entry & LENGTH_MASK;
    if (length === 0) return -1;
    bits <<= length;
    count -= length;
    const symbol = (entry >> SYMBOL_SHIFT) & 255;
    let number = entry >> 16;
    if ((entry & HAS_NUMBER) === 0) {
      const size = symbol & 15;
      if (size === 0 && position > 0) {
        if (symbol !== 0xf0) break;
        position += 16;
        continue;
      }
      number = 0;
      if (size > 0) {
        number = extend(<i32>(bits >>> (64 - size)), size);
        bits <<= size;
        count -= size;
      }
    }
    if (position === 0) {
      if (symbol > 15) return -1;
      number += load<i32>(last);
      store<i32>(last, number);
      table = ac;
    } else position += symbol >> 4;
    if (position > 63) return -1;
    store<i16>(BLOCK + load<u8>(PLACES + position), number * load<u16>(factors + (position << 1)));
    final = position;
    position++;
  }
  store<u64>(BITS, bits);
  store<i32>(COUNT, count);
  store<usize>(AT, at);
  return position > 64 ? -1 : final;
}
