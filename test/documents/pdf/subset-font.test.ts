import { describe, expect, it } from 'vitest';
import { subsetFont } from '../../../src/documents/pdf/subset-font.ts';
import { readTrueType, type TrueType, viewOf } from '../../../src/documents/pdf/true-type.ts';
import { fontNamed } from './writing.ts';

const bytes = await fontNamed('DejaVuSans');
const font = readTrueType(bytes);
const glyphsOf = (text: string) => [0, ...[...text].map((character) => font.glyphOf(character.codePointAt(0) ?? 0))];

/** The tables of a font file, by tag. */
function tablesOf(bytes: Uint8Array): TrueType['tables'] {
  const view = viewOf(bytes);
  return new Map(
    Array.from({ length: view.getUint16(4) }, (_, index) => {
      const entry = 12 + index * 16;
      const offset = view.getUint32(entry + 8);
      const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
      return [tag, bytes.subarray(offset, offset + view.getUint32(entry + 12))] as const;
    }),
  );
}

describe('the subset of a font', () => {
  const subset = subsetFont(font, glyphsOf('aé'));
  const tables = tablesOf(subset);
  const glyphCount = viewOf(tables.get('maxp') as Uint8Array).getUint16(4);

  it('is far smaller than the font, and has no character map', () => {
    expect(subset.length).toBeLessThan(bytes.byteLength / 10);
    expect([...tables.keys()].sort()).toEqual([
      ...['cvt ', 'fpgm', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp', 'prep'],
    ]);
  });

  it('contains the wanted glyphs and the components of composite ones', () => {
    expect(glyphCount).toBeGreaterThan(3);
    const loca = viewOf(tables.get('loca') as Uint8Array);
    const outline = tables.get('glyf')?.subarray(loca.getUint32(4), loca.getUint32(8));

    expect(outline?.subarray(0, 20)).toEqual(font.outlineOf(glyphsOf('a')[1] ?? 0).subarray(0, 20));
  });

  it('keeps the widths of the glyphs', () => {
    const widths = viewOf(tables.get('hmtx') as Uint8Array);

    expect(widths.getUint16(4)).toBe(font.advanceOf(glyphsOf('a')[1] ?? 0));
  });
});
