// Decodes one block of a progressive scan (ITU-T T.81, G.1.2) into the store. `low` is the lowest bit that the scan sends.

import { extend, HAS_NUMBER, LENGTH_MASK, LOOKUP_BITS, longCode, SYMBOL_SHIFT } from './huffman';
import { AT, BITS, COUNT, nextBytes } from './input';
import { get, put } from './store';

/** The number of further blocks in which the scan sends nothing new. */
let emptyBlocks: i32 = 0;

let bits: u64 = 0;
let count: i32 = 0;
let at: usize = 0;

export function forgetEmptyBlocks(): void {
  emptyBlocks = 0;
}

function begin(): void {
  bits = load<u64>(BITS);
  count = load<i32>(COUNT);
  at = load<usize>(AT);
}

function end(): void {
  store<u64>(BITS, bits);
  store<i32>(COUNT, count);
  store<usize>(AT, at);
}

function ensure(): void {
  if (count >= 32) return;
  bits |= nextBytes(at) >>> count;
  at += (63 - count) >> 3;
  count |= 56;
}

/** Takes up to 16 bits; ensure() must have been called. */
function take(size: i32): i32 {
  if (size === 0) return 0;
  const value = <i32>(bits >>> (64 - size));
  bits <<= size;
  count -= size;
  return value;
}

/** The next symbol; -1 if the data are damaged. */
function symbolOf(table: usize): i32 {
  ensure();
  let entry = load<i32>(table + ((<i32>(bits >>> (64 - LOOKUP_BITS))) << 2));
  if (entry === 0) entry = longCode(table, bits);
  const symbol = (entry >> SYMBOL_SHIFT) & 255;
  // The number behind the code is read by the caller.
  const length = (entry & LENGTH_MASK) - (entry & HAS_NUMBER ? symbol & 15 : 0);
  if (length <= 0) return -1;
  bits <<= length;
  count -= length;
  return symbol;
}

export function readDc(table: usize, last: usize, low: i32): bool {
  begin();
  const size = symbolOf(table);
  if (size < 0 || size > 15) return false;
  const number = load<i32>(last) + (size > 0 ? extend(take(size), size) : 0);
  store<i32>(last, number);
  put(0, number << low);
  end();
  return true;
}

export function refineDc(low: i32): void {
  begin();
  ensure();
  if (take(1)) put(0, get(0) | (1 << low));
  end();
}

export function readAc(table: usize, from: i32, to: i32, low: i32): bool {
  if (emptyBlocks > 0) {
    emptyBlocks--;
    return true;
  }
  begin();
  for (let position = from; position <= to; position++) {
    const symbol = symbolOf(table);
    if (symbol < 0) return false;
    const size = symbol & 15;
    const run = symbol >> 4;
    if (size === 0) {
      if (run < 15) {
        emptyBlocks = (1 << run) - 1 + take(run);
        break;
      }
      position += 15;
      continue;
    }
    position += run;
    if (position > 63) return false;
    put(position, extend(take(size), size) << low);
  }
  end();
  return true;
}

export function refineAc(table: usize, from: i32, to: i32, low: i32): bool {
  begin();
  let position = from;
  while (emptyBlocks === 0 && position <= to) {
    const symbol = symbolOf(table);
    if (symbol < 0) return false;
    let run = symbol >> 4;
    const size = symbol & 15;
    if (size > 1) return false;
    let value = 0;
    if (size === 1) value = take(1) ? 1 << low : -1 << low;
    else if (run < 15) {
      emptyBlocks = (1 << run) + take(run);
      break;
    }
    for (; position <= to; position++) {
      const before = get(position);
      if (before !== 0) refine(position, before, low);
      else if (--run < 0) break;
    }
    if (value !== 0) {
      if (position > to) return false;
      put(position, value);
    }
    position++;
  }
  if (emptyBlocks > 0) {
    for (; position <= to; position++) {
      const before = get(position);
      if (before !== 0) refine(position, before, low);
    }
    emptyBlocks--;
  }
  end();
  return true;
}

function refine(position: i32, before: i32, low: i32): void {
  ensure();
  const bit = 1 << low;
  if (take(1) && (before & bit) === 0) put(position, before > 0 ? before + bit : before - bit);
}
