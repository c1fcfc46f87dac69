// Adds a row of the picture to sums, in the colours of the output: values from 0 to 255, in 16 bits. Each colour has its own row.

/** What the numbers of a JPEG mean. Inks are stored as their opposite. */
const YCC: i32 = 1;
const INKS: i32 = 2;
const YCC_AND_INK: i32 = 3;

/** `apart`: the distance between the rows of two colours. */
export function addConverted(kind: i32, rows: usize, sums: usize, apart: usize, width: i32, colours: i32): void {
  const bytes = <usize>width * 2;
  const isYcc = kind === YCC || kind === YCC_AND_INK;
  if (isYcc) addRgb(rows, sums, apart, bytes);
  for (let index = isYcc ? 3 : 0; index < colours; index++) {
    const at = <usize>index * apart;
    if (kind >= INKS) addOpposite(rows + at, sums + at, bytes);
    else addPlain(rows + at, sums + at, bytes);
  }
}

/** ITU-T T.871, clause 7. The factors are parts of 32768. */
function addRgb(rows: usize, sums: usize, apart: usize, bytes: usize): void {
  const middle = i16x8.splat(128);
  const last = i16x8.splat(255);
  const zero = i16x8.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const y = v128.load(rows + at);
    const b = i16x8.sub(v128.load(rows + apart + at), middle);
    const r = i16x8.sub(v128.load(rows + 2 * apart + at), middle);
    const red = i16x8.add(r, i16x8.q15mulr_sat_s(r, i16x8.splat(13173)));
    const green = i16x8.add(i16x8.q15mulr_sat_s(b, i16x8.splat(11277)), i16x8.q15mulr_sat_s(r, i16x8.splat(23401)));
    const blue = i16x8.sub(i16x8.shl(b, 1), i16x8.q15mulr_sat_s(b, i16x8.splat(7471)));
    addTo(sums + at, i16x8.min_s(i16x8.max_s(i16x8.add(y, red), zero), last));
    addTo(sums + apart + at, i16x8.min_s(i16x8.max_s(i16x8.sub(y, green), zero), last));
    addTo(sums + 2 * apart + at, i16x8.min_s(i16x8.max_s(i16x8.add(y, blue), zero), last));
  }
}

function addPlain(row: usize, sum: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) addTo(sum + at, v128.load(row + at));
}

function addOpposite(row: usize, sum: usize, bytes: usize): void {
  const white = i16x8.splat(255);
  for (let at: usize = 0; at < bytes; at += 16) addTo(sum + at, i16x8.sub(white, v128.load(row + at)));
}

function addTo(sum: usize, values: v128): void {
  v128.store(sum, i16x8.add(v128.load(sum), values));
}
