import { describe, expect, it } from 'vitest';
import { faultOfFilters } from '../../../src/documents/pdf/filters.ts';

/** The fault of a stream whose dictionary is complete. */
const faultOf = (dictionary: string) => faultOfFilters(dictionary, dictionary);

describe('the filters of a stream', () => {
  it.each([
    '<< /Filter /FlateDecode >>',
    '<< /Filter [/ASCII85Decode /FlateDecode] >>',
    '<< /Length 5 0 R /Filter /FlateDecode >>',
    '<< /Resources << /Font << /F 5 0 R >> >> >>',
  ])('are accepted in %s', (dictionary) => {
    expect(faultOf(dictionary)).toBeUndefined();
  });

  it.each([
    ['<< /Filter [/FlateDecode /LZWDecode] >>', 'is compressed more than once'],
    ['<< /Filter [/Fl /RL] >>', 'is compressed more than once'],
    ['<< /Filter 5 0 R >>', 'has its filters in another object'],
    ['<< /F 5 0R >>', 'has its filters in another object'],
    ['<< /Filter [/Fl % comment', 'has filters that do not end'],
  ])('are refused in %s', (dictionary, fault) => {
    expect(faultOf(dictionary)).toBe(fault);
  });
});
