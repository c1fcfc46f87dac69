// Reads from a TrueType font what embedding it needs: its metrics, the glyph of each character, and the width of each
// glyph. It does no shaping: one character is one glyph. https://learn.microsoft.com/typography/opentype/spec/

export interface TrueType {
  /** The bytes of each table, by tag. */
  tables: Map<string, Uint8Array>;
  unitsPerEm: number;
  ascent: number;
  descent: number;
  capHeight: number;
  xHeight: number;
  bbox: { minX: number; minY: number; maxX: number; maxY: number };
  glyphCount: number;
  /** The glyph of a character; 0 when the font lacks it. */
  glyphOf(codePoint: number): number;
  /** In font units. */
  advanceOf(glyph: number): number;
  /** The left side bearing, in font units. */
  bearingOf(glyph: number): number;
  /** The outline of a glyph; empty for a space. */
  outlineOf(glyph: number): Uint8Array;
  /** The box around a glyph, in font units; undefined for a space. */
  boxOf(glyph: number): { xMin: number; yMin: number; xMax: number; yMax: number } | undefined;
}

/** Reads a font with TrueType outlines. Throws an Error for any other font: the fonts are a part of the Worker. */
export function readTrueType(bytes: Uint8Array): TrueType {
  const tables = readTables(bytes);
  const view = (tag: string) => viewOf(required(tables, tag));
  const head = view('head');
  const hhea = view('hhea');
  const os2 = view('OS/2');
  const hmtx = view('hmtx');
  const loca = view('loca');
  const glyf = required(tables, 'glyf');
  const wideMetrics = hhea.getUint16(34);
  const longOffsets = head.getInt16(50) === 1;
  const offsetOf = (glyph: number) => (longOffsets ? loca.getUint32(glyph * 4) : loca.getUint16(glyph * 2) * 2);
  const outlineOf = (glyph: number) => glyf.subarray(offsetOf(glyph), offsetOf(glyph + 1));
  return {
    tables,
    unitsPerEm: head.getUint16(18),
    ascent: hhea.getInt16(4),
    descent: hhea.getInt16(6),
    // Only version 2 and later of the table have these fields.
    xHeight: os2.byteLength >= 90 ? os2.getInt16(86) : 0,
    capHeight: os2.byteLength >= 90 ? os2.getInt16(88) : 0,
    bbox: { minX: head.getInt16(36), minY: head.getInt16(38), maxX: head.getInt16(40), maxY: head.getInt16(42) },
    glyphCount: view('maxp').getUint16(4),
    glyphOf: readCharacterMap(view('cmap')),
    advanceOf: (glyph) => hmtx.getUint16(Math.min(glyph, wideMetrics - 1) * 4),
    bearingOf: (glyph) =>
      hmtx.getInt16(glyph < wideMetrics ? glyph * 4 + 2 : wideMetrics * 4 + (glyph - wideMetrics) * 2),
    outlineOf,
    boxOf(glyph) {
      const outline = outlineOf(glyph);
      if (outline.length === 0) return undefined;
      const [xMin, yMin, xMax, yMax] = [2, 4, 6, 8].map((at) => viewOf(outline).getInt16(at));
      return { xMin: xMin ?? 0, yMin: yMin ?? 0, xMax: xMax ?? 0, yMax: yMax ?? 0 };
    },
  };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readTables(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = viewOf(bytes);
  const tables = new Map<string, Uint8Array>();
  for (let at = 12; at < 12 + view.getUint16(4) * 16; at += 16) {
    const tag = String.fromCharCode(...bytes.subarray(at, at + 4));
    const offset = view.getUint32(at + 8);
    tables.set(tag, bytes.subarray(offset, offset + view.getUint32(at + 12)));
  }
  return tables;
}

function required(tables: Map<string, Uint8Array>, tag: string): Uint8Array {
  const table = tables.get(tag);
  if (!table) throw new Error(`The font has no table ${tag}.`);
  return table;
}

/** Uses format 12 (all of Unicode) if the font has it, otherwise format 4 (the first 65,536 characters). */
function readCharacterMap(cmap: DataView): (codePoint: number) => number {
  const offsets = Array.from({ length: cmap.getUint16(2) }, (_, index) => cmap.getUint32(8 + index * 8));
  const at = (format: number) => offsets.find((offset) => cmap.getUint16(offset) === format);
  const [full, basic] = [at(12), at(4)];
  if (full !== undefined) return (codePoint) => findInGroups(cmap, full, codePoint);
  if (basic !== undefined) return (codePoint) => findInSegments(cmap, basic, codePoint);
  throw new Error('The font maps no Unicode characters.');
}

function findInGroups(cmap: DataView, table: number, codePoint: number): number {
  const startOf = (group: number) => cmap.getUint32(table + 16 + group * 12);
  const endOf = (group: number) => cmap.getUint32(table + 20 + group * 12);
  const group = firstIndex(cmap.getUint32(table + 12), (index) => endOf(index) >= codePoint);
  if (group === undefined || startOf(group) > codePoint) return 0;
  return cmap.getUint32(table + 24 + group * 12) + codePoint - startOf(group);
}

function findInSegments(cmap: DataView, table: number, codePoint: number): number {
  if (codePoint > 0xffff) return 0;
  const size = cmap.getUint16(table + 6);
  const endOf = (segment: number) => cmap.getUint16(table + 14 + segment * 2);
  const segment = firstIndex(size / 2, (index) => endOf(index) >= codePoint);
  if (segment === undefined) return 0;
  const starts = table + 16 + size + segment * 2;
  const start = cmap.getUint16(starts);
  if (start > codePoint) return 0;
  const delta = cmap.getUint16(starts + size);
  const rangeAt = starts + size * 2;
  const range = cmap.getUint16(rangeAt);
  if (range === 0) return (codePoint + delta) & 0xffff;
  const glyph = cmap.getUint16(rangeAt + range + (codePoint - start) * 2);
  return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
}

/** The first of `length` sorted indexes for which `holds` is true. */
function firstIndex(length: number, holds: (index: number) => boolean): number | undefined {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low < length ? low : undefined;
}
