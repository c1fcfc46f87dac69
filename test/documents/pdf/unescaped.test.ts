import { describe, expect, it } from 'vitest';
import { unescaped } from '../../../src/documents/pdf/unescaped.ts';
import { latin1 } from './handmade.ts';

describe('unescaped', () => {
  it.each([
    ['/Fl#61teDecode', '/FlateDecode'],
    ['/A#4a#4B', '/AJK'],
    ['#', '#'],
    ['#4', '#4'],
    ['#zz', '#zz'],
    ['#23#23', '##'],
    ['\u00ff', '\u00ff'],
  ])('makes %j to %j', (text, expected) => {
    expect(unescaped(latin1(text))).toBe(expected);
  });
});
