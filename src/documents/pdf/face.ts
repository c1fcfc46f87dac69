// A font of a document: it measures text, encodes text as glyph numbers, and embeds the glyphs that were used. A character
// that the font lacks is drawn as U+FFFD and counted.
import type { PDFDocument, PDFFont } from '@cantoo/pdf-lib';
import { subsetFont } from './subset-font.ts';
import { readTrueType } from './true-type.ts';

/** The interface of a font engine that pdf-lib expects. */
type Fontkit = Parameters<PDFDocument['registerFontkit']>[0];

export interface Face {
  /** The name of the font in content streams. */
  name: string;
  font: PDFFont;
  /** The width in points. The text must have passed clean(). */
  widthOf(text: string, size: number): number;
  /** The text as a content stream shows it: `<0001…>`. */
  encode(text: string): string;
  /** The number of characters drawn so far that the font lacks. */
  missing(): number;
}

const REPLACEMENT = 0xfffd;

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
  const glyphs = new Map<number, { code: string; advance: number; missing: boolean }>();
  let missing = 0;
  const glyphOf = (codePoint: number) => {
    const known = glyphs.get(codePoint);
    if (known) return known;
    const lacks = type.glyphOf(codePoint) === 0;
    const drawn = lacks ? REPLACEMENT : codePoint;
    const code = font.encodeText(String.fromCodePoint(drawn)).toString().slice(1, -1);
    const glyph = { code, advance: type.advanceOf(type.glyphOf(drawn)) / type.unitsPerEm, missing: lacks };
    glyphs.set(codePoint, glyph);
    return glyph;
  };
  return {
    name,
    font,
    widthOf(text, size) {
      let ems = 0;
      for (const character of text) ems += glyphOf(character.codePointAt(0) ?? 0).advance;
      return ems * size;
    },
    encode(text) {
      let codes = '';
      for (const character of text) {
        const glyph = glyphOf(character.codePointAt(0) ?? 0);
        if (glyph.missing) missing++;
        codes += glyph.code;
      }
      return `<${codes}>`;
    },
    missing: () => missing,
  };
}

/** Text that can be laid out: composed, with tabs as spaces, without control or formatting characters except line feeds. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', '    ')
    .replace(/\p{Cf}|(?!\n)\p{Cc}/gu, '');
}

/** The font engine for pdf-lib, made from this room's own font reader. No shaping is needed, and fontkit takes 440 KiB. */
function fontkit(postscriptName: string): Fontkit {
  return {
    create(bytes) {
      const type = readTrueType(bytes);
      const glyphForCodePoint = (codePoint: number) => {
        const id = type.glyphOf(codePoint);
        return { id, codePoints: [codePoint], advanceWidth: type.advanceOf(id) };
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
