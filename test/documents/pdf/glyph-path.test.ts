import { describe, expect, it } from 'vitest';
import { fillGlyph } from '../../../src/documents/pdf/glyph-path.ts';
import { readTrueType } from '../../../src/documents/pdf/true-type.ts';
import { fontNamed } from './writing.ts';

const font = readTrueType(await fontNamed('DejaVuSans'));
const glyphOf = (character: string) => font.glyphOf(character.codePointAt(0) ?? 0);

/** The box around all points that a path ends a line or curve at. */
function boxOf(path: string) {
  const points = [...path.matchAll(/(-?[\d.]+) (-?[\d.]+) (?:m|l|c)/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { xMin: Math.min(...xs), xMax: Math.max(...xs), yMin: Math.min(...ys), yMax: Math.max(...ys) };
}

describe('the path of a glyph', () => {
  it.each([
    ['of straight lines', 'E'],
    ['with curves', 'o'],
    ['made of two others', 'ä'],
    ['made of one other, twice: tsere', '\u05b5'],
    ['shadda', '\u0651'],
  ])('fills the box that the font gives: %s', (_, character) => {
    const path = fillGlyph(font, glyphOf(character), 0, 0, 1);

    expect(boxOf(path)).toEqual(font.boxOf(glyphOf(character)));
    expect(path).toMatch(/^[-\d.]+ [-\d.]+ m [-\d. mlch]+ h f$/);
  });

  it('is moved and scaled', () => {
    const box = font.boxOf(glyphOf('E'));

    expect(boxOf(fillGlyph(font, glyphOf('E'), 100, 50, 0.5))).toEqual({
      ...{ xMin: 100 + (box?.xMin ?? 0) / 2, xMax: 100 + (box?.xMax ?? 0) / 2 },
      ...{ yMin: 50 + (box?.yMin ?? 0) / 2, yMax: 50 + (box?.yMax ?? 0) / 2 },
    });
  });

  it('of a space is empty', () => {
    expect(fillGlyph(font, glyphOf(' '), 0, 0, 1)).toBe('f');
  });
});
