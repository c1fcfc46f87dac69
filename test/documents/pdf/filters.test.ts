import { describe, expect, it } from 'vitest';
import { filtersOf } from '../../../src/documents/pdf/filters.ts';

/** The filters of a stream whose dictionary is complete. */
const of = (dictionary: string) => filtersOf(dictionary, dictionary);

describe('the filters of a stream', () => {
  it.each([
    '<< /Filter /FlateDecode >>',
    '<< /Filter [/ASCII85Decode /FlateDecode] >>',
    '<< /Length 5 0 R /Filter /FlateDecode >>',
    '<< /Resources << /Font << /F 5 0 R >> >> >>',
  ])('are one layer in %s', (dictionary) => {
    expect(of(dictionary)).toEqual({ layered: false, elsewhere: false });
  });

  it.each(['<< /Filter [/FlateDecode /FlateDecode] >>', '<< /Filter [/Fl /Fl] >>'])(
    'are layers that can be measured in %s',
    (dictionary) => {
      expect(of(dictionary)).toEqual({ layered: true, elsewhere: false });
    },
  );

  it.each(['<< /Filter 5 0 R >>', '<< /F 5 0R >>'])('are in another object in %s', (dictionary) => {
    expect(of(dictionary)).toEqual({ layered: true, elsewhere: true });
  });

  it.each([
    ['<< /Filter [/FlateDecode /LZWDecode] >>', 'is compressed more than once, and not only by Flate'],
    ['<< /Filter [/Fl /RL] >>', 'is compressed more than once, and not only by Flate'],
    ['<< /Filter [/A85 /AHx /Fl] >>', 'is written as text and compressed more than once'],
    ['<< /Filter [/A85 /Fl /Fl] >>', 'is written as text and compressed more than once'],
    ['<< /Filter [/Fl % comment', 'has filters that do not end'],
  ])('are refused in %s', (dictionary, fault) => {
    expect(of(dictionary)).toMatchObject({ fault });
  });
});
