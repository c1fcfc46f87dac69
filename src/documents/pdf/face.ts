// A font of a document: it measures text, encodes text as glyph numbers, and embeds the glyphs that were used. A character
// that the font lacks is drawn as U+FFFD and counted.
import type { PDFDocument, PDFFont } from '@cantoo/pdf-lib';
import { ORDERING } from './clean.ts';
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
   * The operators that show the text. `place`: marks are put above or below the letter before them; other marks already stand
   * where they belong.
   */
  show(text: string, size: number, place?: boolean): string;
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

const REPLACEMENT = 0xfffd;
/** Letters that join their neighbours. Those that have passed shape() are presentation forms, whose names differ. */
const UNSHAPED = /[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u07ca-\u07ea\u0840-\u08c9]/;
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
  const type = readTrueType(bytes);
  const glyphs = new Map<string, Glyph>();
  const faultOf = (character: string, codePoint: number): Glyph['reason'] =>
    type.glyphOf(codePoint) === 0 ? 'font' : UNSHAPED.test(character) ? 'shaping' : undefined;
  const undrawn = new Map<string, number>();
  const glyphOf = (character: string): Glyph => {
    const known = glyphs.get(character);
    if (known) return known;
    const codePoint = character.codePointAt(0) ?? 0;
    const reason = faultOf(character, codePoint);
    const drawn = reason ? REPLACEMENT : codePoint;
    const id = type.glyphOf(drawn);
    const code = font.encodeText(String.fromCodePoint(drawn)).toString().slice(1, -1);
    const glyph = { id, code, advance: type.advanceOf(id), reason };
    glyphs.set(character, glyph);
    return glyph;
  };
  const drawn = (text: string) => [...text].filter((character) => !ORDERING.test(character));
  return {
    name,
    font,
    widthOf: (text, size) =>
      drawn(text).reduce((units, character) => units + glyphOf(character).advance, 0) * (size / type.unitsPerEm),
    show(text, size, place = false) {
      const shown = drawn(text);
      for (const character of shown)
        if (glyphOf(character).reason) undrawn.set(character, (undrawn.get(character) ?? 0) + 1);
      if (place && /\p{M}/u.test(text)) return withMarks(shown, glyphOf, type, size);
      return `<${shown.map((character) => glyphOf(character).code).join('')}> Tj`;
    },
    undrawn: () =>
      [...undrawn].map(([character, count]) => ({
        // A presentation form is named as its letter.
        character: character.normalize('NFKC'),
        count,
        reason: glyphOf(character).reason ?? 'font',
      })),
  };
}

/** Puts each mark in the middle above or below its letter, and further marks above or below that one. */
function withMarks(text: string[], glyphOf: (character: string) => Glyph, type: TrueType, size: number): string {
  const operators: string[] = [];
  const thousandths = (units: number) => Math.round((units * 1000) / type.unitsPerEm);
  let base = { advance: 0, top: 0, bottom: 0 };
  for (const character of text) {
    const { id, code, advance } = glyphOf(character);
    const box = type.boxOf(id);
    if (!/\p{M}/u.test(character) || !box) {
      base = { advance, top: box?.yMax ?? 0, bottom: box?.yMin ?? 0 };
      operators.push(`<${code}> Tj`);
      continue;
    }
    const isAbove = box.yMin > type.unitsPerEm / 3;
    const isBelow = box.yMax < type.unitsPerEm / 20;
    const rise = isAbove
      ? Math.max(0, base.top + MARK_GAP - box.yMin)
      : isBelow
        ? Math.min(0, base.bottom - MARK_GAP - box.yMax)
        : 0;
    const back = base.advance / 2 + (box.xMin + box.xMax) / 2;
    const points = Math.round((rise * size * 100) / type.unitsPerEm) / 100;
    operators.push(`${points} Ts [${thousandths(back)} <${code}> ${thousandths(advance - back)}] TJ 0 Ts`);
    if (isAbove) base.top = box.yMax + rise;
    if (isBelow) base.bottom = box.yMin + rise;
  }
  return operators.join(' ');
}

/** The font engine for pdf-lib, made from this room's own font reader. No shaping is needed, and fontkit takes 440 KiB. */
function fontkit(postscriptName: string): Fontkit {
  return {
    create(bytes) {
      const type = readTrueType(bytes);
      const glyphForCodePoint = (codePoint: number) => {
        const id = type.glyphOf(codePoint);
        return { id, codePoints: meaningOf(codePoint), advanceWidth: type.advanceOf(id) };
      };
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

/** The characters that a reader of the PDF copies: for the form of an Arabic or Hebrew letter, the letter itself. */
function meaningOf(codePoint: number): number[] {
  const character = String.fromCodePoint(codePoint);
  const isForm = /[\ufb1d-\ufdff\ufe80-\ufefc]/.test(character);
  return [...(isForm ? character.normalize('NFKC') : character)].map((part) => part.codePointAt(0) ?? 0);
}
