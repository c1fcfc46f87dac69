// Makes a TrueType font with only the glyphs that a document uses, under new numbers, as a PDF embeds it. Hinting is kept.
// Kerning and character maps are left out, because a PDF names glyphs by number.
import { type TrueType, viewOf } from './true-type.ts';

/** Tables that are copied without changes: hinting programs and values. */
const KEPT_TABLES = ['cvt ', 'fpgm', 'prep'];
/** Flags of the components of a composite glyph. */
const WORD_ARGUMENTS = 0x0001;
const HAS_SCALE = 0x0008;
const MORE_COMPONENTS = 0x0020;
const HAS_XY_SCALE = 0x0040;
const HAS_MATRIX = 0x0080;

/**
 * The bytes of a font whose glyph n is the glyph `glyphs[n]` of the original. `glyphs[0]` must be 0. The components of composite
 * glyphs are appended.
 */
export function subsetFont(font: TrueType, glyphs: readonly number[]): Uint8Array {
  const order = [...glyphs];
  const numbers = new Map(order.map((glyph, number) => [glyph, number]));
  const numberOf = (glyph: number) => {
    const known = numbers.get(glyph);
    if (known !== undefined) return known;
    numbers.set(glyph, order.length);
    return order.push(glyph) - 1;
  };
  const outlines: Uint8Array[] = [];
  // The list grows during the loop: components are added when their composite glyph is reached.
  for (let at = 0; at < order.length; at++) outlines.push(renumber(font.outlineOf(order[at] ?? 0), numberOf));
  return assemble(new Map([...metrics(font, order), ...placeOutlines(outlines), ...kept(font)]));
}

/** The outline, with the numbers that its components have in the subset. */
function renumber(outline: Uint8Array, numberOf: (glyph: number) => number): Uint8Array {
  if (outline.length === 0 || viewOf(outline).getInt16(0) >= 0) return outline;
  const copy = outline.slice();
  const view = viewOf(copy);
  for (let at = 10, flags = MORE_COMPONENTS; flags & MORE_COMPONENTS; ) {
    flags = view.getUint16(at);
    view.setUint16(at + 2, numberOf(view.getUint16(at + 2)));
    at += 4 + (flags & WORD_ARGUMENTS ? 4 : 2);
    if (flags & HAS_SCALE) at += 2;
    else if (flags & HAS_XY_SCALE) at += 4;
    else if (flags & HAS_MATRIX) at += 8;
  }
  return copy;
}

function metrics(font: TrueType, order: number[]): [string, Uint8Array][] {
  const hmtx = new Uint8Array(order.length * 4);
  const widths = viewOf(hmtx);
  for (const [number, glyph] of order.entries()) {
    widths.setUint16(number * 4, font.advanceOf(glyph));
    widths.setInt16(number * 4 + 2, font.bearingOf(glyph));
  }
  const hhea = copyOf(font, 'hhea');
  viewOf(hhea).setUint16(34, order.length);
  const maxp = copyOf(font, 'maxp');
  viewOf(maxp).setUint16(4, order.length);
  const head = copyOf(font, 'head');
  viewOf(head).setInt16(50, 1);
  return [
    ['head', head],
    ['hhea', hhea],
    ['hmtx', hmtx],
    ['maxp', maxp],
  ];
}

function placeOutlines(outlines: Uint8Array[]): [string, Uint8Array][] {
  const loca = new Uint8Array((outlines.length + 1) * 4);
  const offsets = viewOf(loca);
  let length = 0;
  for (const [number, outline] of outlines.entries()) {
    offsets.setUint32(number * 4, length);
    length += aligned(outline.length);
  }
  offsets.setUint32(outlines.length * 4, length);
  const glyf = new Uint8Array(length);
  for (const [number, outline] of outlines.entries()) glyf.set(outline, offsets.getUint32(number * 4));
  return [
    ['loca', loca],
    ['glyf', glyf],
  ];
}

function kept(font: TrueType): [string, Uint8Array][] {
  return KEPT_TABLES.flatMap((tag) => {
    const table = font.tables.get(tag);
    return table ? [[tag, table] as [string, Uint8Array]] : [];
  });
}

function copyOf(font: TrueType, tag: string): Uint8Array {
  return (font.tables.get(tag) ?? new Uint8Array()).slice();
}

/** The tables as a font file: a directory sorted by tag, then the tables, each at a multiple of 4 bytes. */
function assemble(tables: Map<string, Uint8Array>): Uint8Array {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  const start = 12 + sorted.length * 16;
  const font = new Uint8Array(start + sorted.reduce((sum, [, table]) => sum + aligned(table.length), 0));
  const view = viewOf(font);
  const power = 2 ** Math.floor(Math.log2(sorted.length));
  view.setUint32(0, 0x00010000);
  view.setUint16(4, sorted.length);
  view.setUint16(6, power * 16);
  view.setUint16(8, Math.log2(power));
  view.setUint16(10, (sorted.length - power) * 16);
  let offset = start;
  for (const [index, [tag, table]] of sorted.entries()) {
    const entry = 12 + index * 16;
    for (let at = 0; at < 4; at++) font[entry + at] = tag.charCodeAt(at);
    font.set(table, offset);
    view.setUint32(entry + 4, checksum(view, offset, aligned(table.length)));
    view.setUint32(entry + 8, offset);
    view.setUint32(entry + 12, table.length);
    offset += aligned(table.length);
  }
  return font;
}

function checksum(view: DataView, offset: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at += 4) sum = (sum + view.getUint32(offset + at)) >>> 0;
  return sum;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
