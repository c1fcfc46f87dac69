import { describe, expect, it } from 'vitest';
import { readTrueType } from '../../../src/documents/pdf/true-type.ts';
import { fontNamed } from './writing.ts';

const font = readTrueType(await fontNamed('DejaVuSans'));

describe('a TrueType font', () => {
  it('gives its metrics', () => {
    expect(font.unitsPerEm).toBe(2048);
    expect(font.ascent).toBeGreaterThan(0);
    expect(font.descent).toBeLessThan(0);
    expect(font.bbox.maxX).toBeGreaterThan(font.bbox.minX);
  });

  it('has heights of 0 when its version of the table OS/2 does not have them', () => {
    expect([font.xHeight, font.capHeight]).toEqual([0, 0]);
  });

  it('finds the glyph of a character, and 0 for one that it lacks', () => {
    const glyphs = [...'aAΩЖ✓'].map((character) => font.glyphOf(character.codePointAt(0) ?? 0));

    expect(new Set(glyphs).size).toBe(5);
    expect(glyphs.every((glyph) => glyph > 0 && glyph < font.glyphCount)).toBe(true);
    expect(font.glyphOf(0x6f22)).toBe(0);
    expect(font.glyphOf(0x1f984)).toBe(0);
  });

  it('knows the width and the outline of a glyph', () => {
    const [i = 0, m = 0, space = 0] = [...'im '].map((character) => font.glyphOf(character.codePointAt(0) ?? 0));

    expect(font.advanceOf(m)).toBeGreaterThan(font.advanceOf(i));
    expect(font.outlineOf(m).length).toBeGreaterThan(0);
    expect(font.outlineOf(space)).toHaveLength(0);
  });

  it('that lacks a table is refused', () => {
    expect(() => readTrueType(new Uint8Array(12))).toThrow('The font has no table');
  });
});
