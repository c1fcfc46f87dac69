// The data of a scan, in pieces that the caller copies in, without the zero that follows each 0xff. It stops at markers. Behind
// the last byte stand zeros, so that a decoder may read too far; hasOverrun() tells that it did.
import { reserve } from './memory';

/** Copies at most `bytes` of the scan to `to`. Returns how many; 0 at the end of the scan. */
declare function read(to: usize, bytes: i32): i32;

const RAW_BYTES: i32 = 32768;
const CLEAN_BYTES: i32 = 65536;
/** More than the blocks of an MCU take: 10 blocks of 64 coefficients of 31 bits. */
const AHEAD: i32 = 4096;

/** The bits that were read and not used, leftmost first, their number, and where the next ones are. */
export const BITS: usize = memory.data(8);
export const COUNT: usize = memory.data(4);
export const AT: usize = memory.data(4);

let raw: usize = 0;
let rawAt: usize = 0;
let rawEnd: usize = 0;
let clean: usize = 0;
/** The end of the data that was copied, and the position from which more of it is wanted. */
let end: usize = 0;
let low: usize = 0;
/** The second byte of the marker at which the data stops; 0 if there is more, 1 at the end of the scan. */
let stop: i32 = 0;

export function reserveInput(): void {
  raw = reserve(RAW_BYTES + 16);
  clean = reserve(CLEAN_BYTES + AHEAD + 16);
}

export function openScan(): void {
  rawAt = raw;
  rawEnd = raw;
  restartInput();
}

function restartInput(): void {
  stop = 0;
  end = clean;
  low = clean;
  store<u64>(BITS, 0);
  store<i32>(COUNT, 0);
  store<usize>(AT, clean);
}

/** Must be called before each MCU. */
export function refill(): void {
  if (load<usize>(AT) < low) return;
  if (stop === 0) fill();
}

/** True if more bits were used than there are. */
export function hasOverrun(): bool {
  return (<i32>(load<usize>(AT) - end)) << 3 > load<i32>(COUNT);
}

/** Goes on behind the next restart marker. Returns its number, 0 to 7; -1 if there is none. */
export function passRestart(): i32 {
  while (stop === 0) {
    store<usize>(AT, end);
    store<i32>(COUNT, 0);
    fill();
  }
  if (stop === 1) return -1;
  const number = stop & 7;
  restartInput();
  return number;
}

/** Moves what is not used to the front and adds to it. */
function fill(): void {
  const at = load<usize>(AT);
  const kept = <i32>(at < end ? end - at : 0);
  // At most 8 bytes were read ahead of the end.
  const ahead = at > end ? at - end : 0;
  memory.copy(clean, end - kept, kept);
  store<usize>(AT, clean + ahead);
  let to = clean + kept;
  const limit = clean + CLEAN_BYTES - 16;
  while (stop === 0 && to < limit) to = takeRaw(to, limit);
  end = to;
  low = stop === 0 ? to - AHEAD : <usize>-1;
  memory.fill(to, 0, AHEAD);
}

/** Copies raw bytes without stuffing up to a marker. */
function takeRaw(to: usize, limit: usize): usize {
  if (!available(1)) {
    stop = 1;
    return to;
  }
  const ones = i8x16.splat(-1);
  while (rawAt + 16 <= rawEnd && to < limit) {
    const bytes = v128.load(rawAt);
    v128.store(to, bytes);
    const found = i8x16.bitmask(i8x16.eq(bytes, ones));
    if (found !== 0) {
      const before = ctz(found);
      to += before;
      rawAt += before;
      break;
    }
    to += 16;
    rawAt += 16;
  }
  if (to >= limit || rawAt >= rawEnd) return to;
  const byte = load<u8>(rawAt);
  if (byte !== 0xff) {
    store<u8>(to, byte);
    rawAt++;
    return to + 1;
  }
  return passMarker(to);
}

/** At 0xff: one such byte of data, or fill bytes, or a marker. */
function passMarker(to: usize): usize {
  if (!available(2)) {
    stop = 1;
    return to;
  }
  const code = load<u8>(rawAt + 1);
  if (code === 0xff) {
    rawAt++;
    return to;
  }
  rawAt += 2;
  if (code !== 0) {
    stop = code >= 0xd0 && code <= 0xd7 ? code : 1;
    return to;
  }
  store<u8>(to, 0xff);
  return to + 1;
}

/** Makes at least `bytes` raw bytes available. Returns false if fewer are left. */
function available(bytes: usize): bool {
  if (rawEnd - rawAt >= bytes) return true;
  const kept = rawEnd - rawAt;
  memory.copy(raw, rawAt, kept);
  rawAt = raw;
  rawEnd = raw + kept;
  const more = read(rawEnd, RAW_BYTES - <i32>kept);
  rawEnd += more;
  return rawEnd - rawAt >= bytes;
}

/** The next 8 bytes, the first of them leftmost. */
export function nextBytes(at: usize): u64 {
  const bytes = v128.load64_zero(at);
  return i64x2.extract_lane(i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
}
