import { describe, expect, it } from 'vitest';
import { wrap } from '../../../src/documents/pdf/wrap.ts';
import { roundTrip } from './writing.ts';

/** Wraps text in which every character is one unit wide. */
const wrapped = (text: string, width: number) => wrap(text, width, (part) => [...part].length);

describe('wrap', () => {
  it.each([
    ['a text that fits', 16, ['a text that fits']],
    ['one two three', 7, ['one two', 'three']],
    ['one-two', 5, ['one-', 'two']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['a\n\nb', 9, ['a', '', 'b']],
    ['', 9, ['']],
    ['ends with spaces   ', 9, ['ends with', 'spaces']],
    ['-5 -6', 3, ['-5', '-6']],
  ])('breaks %j at a width of %i', (text, width, lines) => {
    expect(wrapped(text, width)).toEqual(lines);
  });

  it('cuts a word that is wider than its line, without losing a character', async () => {
    const word = 'x'.repeat(500);
    const { texts } = await roundTrip({ footer: { page_numbers: false }, blocks: [{ type: 'paragraph', text: word }] });

    expect(texts[0]?.replaceAll('\n', '')).toBe(word);
    expect(texts[0]?.split('\n').length).toBeGreaterThan(4);
  });
});
