// Decodes scans: a whole one into the store, or a row of MCUs at a time into samples.
import { tableAt } from './huffman';
import { transform } from './idct';
import { hasOverrun, openScan, passRestart, refill } from './input';
import * as picture from './picture';
import { forgetEmptyBlocks, readAc, readDc, refineAc, refineDc } from './progressive';
import { readBlock } from './sequential';
import { putBlock, seek } from './store';

export const DAMAGED: i32 = 1;
export const ENDS_EARLY: i32 = 2;
export const NO_RESTART: i32 = 3;

/** Factors that leave coefficients as they are. */
const ONES: usize = memory.data(128, 16);

let members: i32 = 0;
const MEMBERS: usize = memory.data(16);
let from: i32 = 0;
let to: i32 = 0;
let high: i32 = 0;
let low: i32 = 0;
let isProgressive: bool = false;
let restartInterval: i32 = 0;
let untilRestart: i32 = 0;
let nextRestart: i32 = 0;

/** A component of the scan, and its tables. */
export function addMember(index: i32, dc: i32, ac: i32): void {
  const component = picture.componentAt(index);
  store<usize>(component + picture.DC_TABLE, tableAt(dc));
  store<usize>(component + picture.AC_TABLE, tableAt(4 + ac));
  store<usize>(MEMBERS + members * 4, component);
  members++;
}

/** Must be called before addMember(). */
export function beginScan(progressive: bool, first: i32, last: i32, highBit: i32, lowBit: i32, interval: i32): void {
  members = 0;
  isProgressive = progressive;
  from = first;
  to = last;
  high = highBit;
  low = lowBit;
  restartInterval = interval;
  untilRestart = interval;
  nextRestart = 0;
  for (let index = 0; index < 64; index++) store<u16>(ONES + index * 2, 1);
  openScan();
  forget();
}

function forget(): void {
  forgetEmptyBlocks();
  for (let index = 0; index < picture.components; index++) {
    store<i32>(picture.componentAt(index) + picture.LAST_DC, 0);
  }
}

/** Must be called before each MCU. Returns a fault, or 0. */
function beginMcu(): i32 {
  if (restartInterval > 0) {
    if (untilRestart === 0) {
      if (hasOverrun()) return ENDS_EARLY;
      if (passRestart() !== nextRestart) return NO_RESTART;
      nextRestart = (nextRestart + 1) & 7;
      untilRestart = restartInterval;
      forget();
    }
    untilRestart--;
  }
  refill();
  return 0;
}

/** Decodes a scan into the store. Returns a fault, or 0. */
export function readScan(): i32 {
  const fault = members === 1 ? readAlone(load<usize>(MEMBERS)) : readTogether();
  return fault === 0 && hasOverrun() ? ENDS_EARLY : fault;
}

/** A scan of one component has no more blocks than the component needs. */
function readAlone(component: usize): i32 {
  const wide = picture.ceilDiv(picture.field(component, picture.WIDTH), 8);
  const tall = picture.ceilDiv(picture.field(component, picture.HEIGHT), 8);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const fault = beginMcu();
      if (fault !== 0) return fault;
      if (!readInto(component, x, y)) return hasOverrun() ? ENDS_EARLY : DAMAGED;
    }
    if (hasOverrun()) return ENDS_EARLY;
  }
  return 0;
}

function readTogether(): i32 {
  for (let row = 0; row < picture.mcusHigh; row++) {
    for (let column = 0; column < picture.mcusWide; column++) {
      const fault = beginMcu();
      if (fault !== 0) return fault;
      for (let member = 0; member < members; member++) {
        const component = load<usize>(MEMBERS + member * 4);
        if (!readMcu(component, column, row)) return hasOverrun() ? ENDS_EARLY : DAMAGED;
      }
    }
    if (hasOverrun()) return ENDS_EARLY;
  }
  return 0;
}

function readMcu(component: usize, column: i32, row: i32): bool {
  const across = picture.field(component, picture.ACROSS);
  const down = picture.field(component, picture.DOWN);
  for (let y = row * down; y < (row + 1) * down; y++) {
    for (let x = column * across; x < (column + 1) * across; x++) {
      if (!readInto(component, x, y)) return false;
    }
  }
  return true;
}

function readInto(component: usize, x: i32, y: i32): bool {
  seek(load<usize>(component + picture.BLOCKS), picture.field(component, picture.BLOCKS_WIDE), x, y);
  const dc = load<usize>(component + picture.DC_TABLE);
  const ac = load<usize>(component + picture.AC_TABLE);
  const last = component + picture.LAST_DC;
  if (!isProgressive) {
    const final = readBlock(dc, ac, ONES, last);
    putBlock(final);
    return final >= 0;
  }
  if (from > 0) return high === 0 ? readAc(ac, from, to, low) : refineAc(ac, from, to, low);
  if (high === 0) return readDc(dc, last, low);
  refineDc(low);
  return true;
}

/** Decodes one row of MCUs of a scan with all components into samples. Returns a fault, or 0. */
export function readRow(): i32 {
  for (let column = 0; column < picture.mcusWide; column++) {
    const fault = beginMcu();
    if (fault !== 0) return fault;
    for (let member = 0; member < members; member++) {
      if (!drawMcu(load<usize>(MEMBERS + member * 4), column)) return hasOverrun() ? ENDS_EARLY : DAMAGED;
    }
  }
  return hasOverrun() ? ENDS_EARLY : 0;
}

function drawMcu(component: usize, column: i32): bool {
  const across = picture.field(component, picture.ACROSS);
  const down = picture.field(component, picture.DOWN);
  const stride = picture.field(component, picture.STRIDE);
  const dc = load<usize>(component + picture.DC_TABLE);
  const ac = load<usize>(component + picture.AC_TABLE);
  const factors = load<usize>(component + picture.FACTORS);
  const samples = load<usize>(component + picture.SAMPLES) + stride + column * across * 8;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const last = readBlock(dc, ac, factors, component + picture.LAST_DC);
      if (last < 0) return false;
      transform(last, samples + y * 8 * stride + x * 8, stride);
    }
  }
  return true;
}
