// A font of a document: it measures text, encodes text as glyph numbers, and embeds the glyphs that were used. A character
// that the font lacks is drawn as U+FFFD and counted.
import type { PDFDocument, PDFFont } from '@cantoo/pdf-lib';
import { ORDERING } from './clean.ts';
import { fillGlyph } from './glyph-path.ts';
import { number } from './number.ts';
import { mirror, stoodFor } from './stand-in.ts';
import { subsetFont } from './subset-font.ts';
import { readTrueType, type TrueType } from './true-type.ts';

/** The interface of a font engine that pdf-lib expects. */
type Fontkit = Parameters<PDFDocument['registerFontkit']>[0];

export interface Face {
  /** The name of the font in content streams. */
  name: string;
  font: PDFFont;
  /** The width in points. The text must have passed clean(). */
  widthOf(text: string, size: number): number;
  /**
   * The operators that show the text, from the point `x`, `y` of the page. Of text that runs from right to left, marks are drawn
   * as areas above or below their letters.
   */
  show(text: string, size: number, x: number, y: number): string;
  /** How often each character was drawn as a replacement so far, and why. */
  undrawn(): Undrawn[];
}

export interface Undrawn {
  character: string;
  count: number;
  /** `font`: the font lacks it. `shaping`: the font has it, but not the forms that it has beside other letters. */
  reason: 'font' | 'shaping';
}

interface Glyph {
  id: number;
  code: string;
  /** In font units. */
  advance: number;
  reason: Undrawn['reason'] | undefined;
}

const REPLACEMENT = '\ufffd';
/** Letters that join their neighbours. Those that have passed shape() are presentation forms, whose names differ. */
const UNSHAPED = /[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u07ca-\u07ea\u0840-\u08c9]/;
/** Beyond all glyphs of a font: the number of a glyph without an outline. */
const EMPTY = 0x10000;
/** From here on, the glyphs of the font again, with another meaning. */
const COPY = 0x20000;
/** PDF.js puts spaces beside glyphs without a width. */
const EMPTY_ADVANCE = 2;
/** The space between a letter and its mark, in font units of a font with 2048 per em. */
const MARK_GAP = 60;

/** Adds a font to the document. When the document is saved, only the glyphs used by then are embedded. */
export async function addFace(
  doc: PDFDocument,
  name: string,
  postscriptName: string,
  bytes: Uint8Array,
): Promise<Face> {
  doc.registerFontkit(fontkit(postscriptName));
  // The name of a subset begins with six letters (ISO 32000-1, 9.6.4). They are fixed, so that equal documents have equal bytes.
  const font = await doc.embedFont(bytes, { subset: true, customName: `ERRAND+${postscriptName}` });
  const type = withFurtherGlyphs(readTrueType(bytes));
  const glyphs = new Map<string, Glyph>();
  const undrawn = new Map<string, number>();
  const glyphOf = (character: string): Glyph => {
    const known = glyphs.get(character);
    if (known) return known;
    const meant = stoodFor(character)?.character ?? character;
    const lacks = type.glyphOf(meant.codePointAt(0) ?? 0) === 0;
    const reason = lacks ? 'font' : meant === character && UNSHAPED.test(character) ? 'shaping' : undefined;
    const drawn = reason ? REPLACEMENT : character;
    const { id } = glyphFor(type, drawn.codePointAt(0) ?? 0);
    const code = font.encodeText(drawn).toString().slice(1, -1);
    const glyph: Glyph = { id, code, advance: type.advanceOf(id), reason };
    glyphs.set(character, glyph);
    return glyph;
  };
  const drawn = (text: string) => {
    const characters = [...text];
    return ORDERING.test(text) ? characters.filter((character) => !ORDERING.test(character)) : characters;
  };
  return {
    name,
    font,
    widthOf(text, size) {
      let units = 0;
      for (const character of text) if (!ORDERING.test(character)) units += glyphOf(character).advance;
      return units * (size / type.unitsPerEm);
    },
    show(text, size, x, y) {
      const shown = drawn(text);
      for (const character of shown)
        if (glyphOf(character).reason) undrawn.set(character, (undrawn.get(character) ?? 0) + 1);
      const codes = shown.map((character) => glyphOf(character).code).join('');
      const operators = `BT /${name} ${number(size)} Tf ${number(x)} ${number(y)} Td <${codes}> Tj ET`;
      if (!/[\ude00-\udf7f]/.test(text)) return operators;
      return [operators, ...placeMarks(shown, glyphOf, type, { size, x, y })].join(' ');
    },
    undrawn: () =>
      [...undrawn].map(([character, count]) => ({
        // A presentation form is named as its letter.
        character: (stoodFor(character)?.character ?? character).normalize('NFKC'),
        count,
        reason: glyphOf(character).reason ?? 'font',
      })),
  };
}

/** Draws each mark in the middle above or below its letter, and further marks above or below that one. */
function placeMarks(
  text: string[],
  glyphOf: (character: string) => Glyph,
  type: TrueType,
  { size, x, y }: { size: number; x: number; y: number },
): string[] {
  const scale = size / type.unitsPerEm;
  const drawn: string[] = [];
  let marks: number[] = [];
  let pen = 0;
  for (const character of text) {
    const { id, advance, reason } = glyphOf(character);
    const stood = stoodFor(character);
    // From left to right, the marks of a letter come before it, the last one first.
    if (stood?.kind === 'placed' && !reason) marks.unshift(type.glyphOf(stood.character.codePointAt(0) ?? 0));
    else if (!stood) {
      const letter = type.boxOf(id);
      const base = { middle: pen + advance / 2, top: letter?.yMax ?? 0, bottom: letter?.yMin ?? 0 };
      for (const mark of marks) {
        const box = type.boxOf(mark);
        if (!box) continue;
        const rise = clearance(box, base, type.unitsPerEm);
        const left = base.middle - (box.xMin + box.xMax) / 2;
        drawn.push(fillGlyph(type, mark, x + left * scale, y + rise * scale, scale));
        if (rise >= 0 && box.yMin > type.unitsPerEm / 3) base.top = box.yMax + rise;
        if (box.yMax < type.unitsPerEm / 20) base.bottom = box.yMin + rise;
      }
      marks = [];
    }
    pen += advance;
  }
  return drawn;
}

/** How far a mark must be moved up (or down: negative) so that it does not touch what it stands above or below. */
function clearance(
  box: { yMin: number; yMax: number },
  { top, bottom }: { top: number; bottom: number },
  unitsPerEm: number,
): number {
  if (box.yMin > unitsPerEm / 3) return Math.max(0, top + MARK_GAP - box.yMin);
  return box.yMax < unitsPerEm / 20 ? Math.min(0, bottom - MARK_GAP - box.yMax) : 0;
}

function glyphFor(type: TrueType, codePoint: number): { id: number; codePoints: number[]; advanceWidth: number } {
  const stood = stoodFor(String.fromCodePoint(codePoint));
  const meant = stood ? stood.character.charCodeAt(0) : meaningOf(codePoint);
  const id = stood
    ? stood.kind === 'mirrored'
      ? COPY + type.glyphOf(mirror(stood.character))
      : EMPTY + meant
    : type.glyphOf(codePoint);
  return { id, codePoints: [meant], advanceWidth: type.advanceOf(id) };
}

/** The font engine for pdf-lib, made from this room's own font reader. No shaping is needed, and fontkit takes 440 KiB. */
function fontkit(postscriptName: string): Fontkit {
  return {
    create(bytes) {
      const type = withFurtherGlyphs(readTrueType(bytes));
      const glyphForCodePoint = (codePoint: number) => glyphFor(type, codePoint);
      const { unitsPerEm, ascent, descent, capHeight, xHeight, bbox: box } = type;
      const bbox = { ...box, width: box.maxX - box.minX, height: box.maxY - box.minY };
      return {
        ...{ postscriptName, unitsPerEm, ascent, descent, capHeight, xHeight, bbox },
        italicAngle: 0,
        characterSet: [],
        glyphForCodePoint,
        layout: (text) => ({ glyphs: [...text].map((character) => glyphForCodePoint(character.codePointAt(0) ?? 0)) }),
        createSubset() {
          const order = [0];
          const numbers = new Map([[0, 0]]);
          return {
            includeGlyph(glyph) {
              const id = typeof glyph === 'number' ? glyph : glyph.id;
              if (!numbers.has(id)) numbers.set(id, order.push(id) - 1);
              return numbers.get(id) ?? 0;
            },
            encode: () => subsetFont(type, order),
          };
        },
      };
    },
  };
}

/** The character that a reader of the PDF copies: for the form of a letter, the letter. What else it contains has its own glyph. */
function meaningOf(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  const isForm = /[\ufb1d-\ufdff\ufe80-\ufefc]/.test(character);
  return isForm ? (character.normalize('NFKC').codePointAt(0) ?? codePoint) : codePoint;
}

/** The font with further glyphs: without an outline from EMPTY on, and copies of its own from COPY on. */
function withFurtherGlyphs(type: TrueType): TrueType {
  const isEmpty = (glyph: number) => glyph >= EMPTY && glyph < COPY;
  const original = (glyph: number) => (glyph >= COPY ? glyph - COPY : glyph);
  return {
    ...type,
    advanceOf: (glyph) => (isEmpty(glyph) ? EMPTY_ADVANCE : type.advanceOf(original(glyph))),
    bearingOf: (glyph) => (isEmpty(glyph) ? 0 : type.bearingOf(original(glyph))),
    outlineOf: (glyph) => (isEmpty(glyph) ? new Uint8Array(0) : type.outlineOf(original(glyph))),
    boxOf: (glyph) => (isEmpty(glyph) ? undefined : type.boxOf(original(glyph))),
  };
}
