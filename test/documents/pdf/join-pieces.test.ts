import { describe, expect, it } from 'vitest';
import { PieceJoiner } from '../../../src/documents/pdf/join-pieces.ts';

/** Pieces of 10 points, each with its text, its left end and its width. */
function joined(...pieces: [string, number, number][]): string {
  const joiner = new PieceJoiner();
  for (const [str, left, width] of pieces)
    joiner.add({ str, width, hasEOL: false, transform: [10, 0, 0, 10, left, 100] });
  return joiner.text();
}

describe('pieces of text', () => {
  it('that run to the left are separated where there is a gap', () => {
    expect(joined(['ם', 100, 8], ['ל', 92, 7.5], ['ע', 80, 8])).toBe('םל ע');
  });

  it('that run to the left are put in order, with what runs to the right inside', () => {
    expect(joined(['ב', 10, 8], ['12', 25, 10], ['3', 35, 5], ['א', 50, 8])).toBe('א 123 ב');
  });

  it('with forms of Arabic letters get the letters', () => {
    expect(joined(['\ufee2', 0, 8], ['\ufed7', 8, 6], ['ر', 14, 6])).toBe('رقم');
  });

  it('that run to the right stay as they are drawn', () => {
    expect(joined(['soft', 0, 20], ['hyphen', 20, 30])).toBe('softhyphen');
    expect(joined(['´', 50, 4], ['e', 50, 6])).toBe('´e');
  });

  it('are separated if a piece begins further left', () => {
    expect(joined(['right', 100, 30], ['left', 0, 20])).toBe('right left');
    expect(joined(['Page one', 0, 50], ['more', 0, 20])).toBe('Page one more');
  });
});
