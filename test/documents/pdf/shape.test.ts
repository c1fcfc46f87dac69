import { describe, expect, it } from 'vitest';
import { shape } from '../../../src/documents/pdf/shape.ts';

const codes = (text: string) => [...text].map((one) => (one.codePointAt(0) ?? 0).toString(16)).join(' ');

describe('the form of a letter', () => {
  it.each([
    ['one alone', 'ب', 'fe8f'],
    ['four that join', 'بببب', 'fe91 fe92 fe92 fe90'],
    ['after one that does not join the next', 'دبب', 'fea9 fe91 fe90'],
    ['with a mark between', 'ب\u064eب', 'fe91 64e fe90'],
    ['beside a tatweel', 'ـبـ', '640 fe92 640'],
    ['beside a joiner', 'ب\u200d', 'fe91 200d'],
    ['with a non-joiner between', 'ب\u200cب', 'fe8f 200c fe8f'],
    ['lam with alef, alone', 'لا', 'fefb dc97'],
    ['lam with alef after a letter', 'بلا', 'fe91 fefc dc97'],
    ['lam with alef and a mark', 'لَا', 'fefb 64e dc97'],
    ['Persian letters', 'گچی', 'fb94 fb7d fbfd'],
    ['alef maksura', 'بىب', 'fe91 fbe9 fe90'],
    ['alef maksura at the end', 'بى', 'fe91 fef0'],
    ['hamza', 'ء', 'fe80'],
    ['Hebrew with a dot', 'ש\u05bc\u05c1', 'fb2c dc2c dc31'],
    ['Hebrew with a dot and a vowel', 'ב\u05b0\u05bc', '5d1 5b0 5bc'],
    ['a letter without forms', 'ټ', '67c'],
    ['Latin', 'aé', '61 e9'],
  ])('%s', (_, text, shown) => {
    expect(codes(shape(text))).toBe(shown);
  });

  it('keeps each character in its place', () => {
    const text = 'السَّلامُ 😀 עִבְרִית';
    expect(shape(text).length).toBe(text.length);
  });
});
