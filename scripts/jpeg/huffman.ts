// Huffman tables (ITU-T T.81, annexes C and F). A table looks up 10 bits at once: the code, and the number that follows the code if
// both fit. Longer codes are found by their length.
import { reserve } from './memory';

export const LOOKUP_BITS: i32 = 10;
/** Of an entry: the bits to pass over, whether the number is there (in the upper half), and the symbol. */
export const LENGTH_MASK: i32 = 31;
export const HAS_NUMBER: i32 = 32;
export const SYMBOL_SHIFT: i32 = 8;

const LOOKUP_BYTES: usize = 4 << 10;
/** For each length from 1 to 17: the first code that is longer, in 16 bits, and what leads from a code to its symbol. */
const LIMITS: usize = LOOKUP_BYTES;
const OFFSETS: usize = LIMITS + 18 * 4;
const SYMBOLS: usize = OFFSETS + 18 * 4;
const TABLE_BYTES: usize = SYMBOLS + 256;

/** Four tables for DC, then four for AC. */
let tables: usize = 0;

export function reserveTables(): void {
  tables = reserve(8 * TABLE_BYTES);
}

export function tableAt(number: i32): usize {
  return tables + <usize>number * TABLE_BYTES;
}

/** Where the caller writes the 16 counts and the symbols of a table before it calls buildTable(). */
export const DEFINITION: usize = memory.data(16 + 256);

/** Returns false if the counts fit no table. */
export function buildTable(number: i32): bool {
  const table = tableAt(number);
  memory.fill(table, 0, TABLE_BYTES);
  let code = 0;
  let count = 0;
  for (let length = 1; length <= 16; length++) {
    const more = <i32>load<u8>(DEFINITION + length - 1);
    store<i32>(table + OFFSETS + length * 4, count - code);
    if (count + more > 256 || code + more > 1 << length) return false;
    for (let index = 0; index < more; index++, code++, count++) {
      const symbol = load<u8>(DEFINITION + 16 + count);
      store<u8>(table + SYMBOLS + count, symbol);
      if (length <= LOOKUP_BITS) enter(table, code, length, symbol);
    }
    store<i32>(table + LIMITS + length * 4, code << (16 - length));
    code <<= 1;
  }
  store<i32>(table + LIMITS + 17 * 4, -1);
  return true;
}

/** The entries of all bits that begin with the code. */
function enter(table: usize, code: i32, length: i32, symbol: i32): void {
  const rest = LOOKUP_BITS - length;
  const size = symbol & 15;
  for (let more = 0; more < 1 << rest; more++) {
    let entry = (symbol << SYMBOL_SHIFT) | length;
    if (size > 0 && size <= rest) {
      const number = extend(more >> (rest - size), size);
      entry = (number << 16) | (symbol << SYMBOL_SHIFT) | HAS_NUMBER | (length + size);
    }
    store<i32>(table + (((code << rest) | more) << 2), entry);
  }
}

/** The number that `size` bits mean. */
export function extend(bits: i32, size: i32): i32 {
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

/** The entry of a code with more than 10 bits, without its number. Returns 0 if there is no such code. */
export function longCode(table: usize, bits: u64): i32 {
  const next = <i32>(bits >>> 48);
  let length = LOOKUP_BITS + 1;
  while (length <= 16 && next >= load<i32>(table + LIMITS + length * 4)) length++;
  if (length > 16) return 0;
  const index = (next >>> (16 - length)) + load<i32>(table + OFFSETS + length * 4);
  return ((<i32>load<u8>(table + SYMBOLS + index)) << SYMBOL_SHIFT) | length;
}
