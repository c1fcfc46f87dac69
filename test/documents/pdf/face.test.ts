import { describe, expect, it } from 'vitest';
import { clean } from '../../../src/documents/pdf/clean.ts';
import { roundTrip } from './writing.ts';

describe('the font of a document', () => {
  it('draws a replacement for characters that it lacks, and counts them', async () => {
    const { texts, missingCharacters } = await roundTrip({ blocks: [{ type: 'paragraph', text: 'a 漢字 b 🦄 c' }] });

    expect(texts[0]).toContain('a \ufffd\ufffd b \ufffd c');
    expect(missingCharacters).toBe(3);
  });

  it('draws text with control characters, lone surrogates and line separators', async () => {
    const text = 'a\u0000b\u0007\tc\r\nd\u2028e\ud800\u200bf';
    const { texts } = await roundTrip({ blocks: [{ type: 'paragraph', text }] });

    expect(texts[0]?.split('\n').slice(0, 3)).toEqual(['ab c', 'd', 'e\ufffdf']);
  });
});

describe('clean', () => {
  it.each([
    ['a\tb', 'a    b'],
    ['a\r\nb\rc\u2029d', 'a\nb\nc\nd'],
    ['e\u0301', 'é'],
    ['a\u200bb\u0007c', 'abc'],
    ['a\ud800', 'a\ufffd'],
  ])('makes %j to %j', (text, cleaned) => {
    expect(clean(text)).toBe(cleaned);
  });
});
