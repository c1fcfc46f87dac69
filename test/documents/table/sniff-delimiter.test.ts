import { describe, expect, it } from 'vitest';
import { sniffDelimiter, sniffSeparation } from '../../../src/documents/table/sniff-delimiter.ts';

describe('the delimiter of a CSV', () => {
  it.each([
    [',', 'a,b\n1,2\n3,4\n'],
    [';', 'a;b\n1,5;2\n3,5;4\n'],
    ['\t', 'a\tb, c\n1\t2\n3\t4\n'],
    ['|', 'a|b\n1|2\n3|4'],
    [',', 'alone\n1\n2\n'],
    [',', '"a;b","c;d"\n"1;2","3;4"\n5,6\n'],
    [';', '1,5;2,5;3,5\n4,5;5,5;6,5\n'],
    ['\t', '1,5\t2,5\n4,5\t5,5\n'],
    [',', '5" pipe,1;2\n6" pipe,3;4\n7 pipe,5;6\n'],
  ] as const)('is %j in %j', (delimiter, text) => {
    expect(sniffDelimiter(text)).toBe(delimiter);
  });

  it('is a comma when no delimiter splits a record', () => {
    expect(sniffDelimiter('')).toBe(',');
    expect(sniffDelimiter('one\ntwo\n')).toBe(',');
  });

  it('is not decided by a last record that is cut off', () => {
    expect(sniffDelimiter('a;b;c\n1;2;3\n4,5,6,7')).toBe(';');
  });
});

describe('the separation of fields', () => {
  it.each([
    ['sep=|\na|b,c\n', '|'],
    ['"sep=;"\r\na;b\r\n', ';'],
    ['\ufeffSEP=\t\ra\tb\r', '\t'],
    ['sep=^;;\na^b\n', '^'],
  ])('is what the line sep= says: %j', (text, delimiter) => {
    expect(sniffSeparation(text)).toMatchObject({ delimiter, sepLine: true });
  });

  it('is what the caller says, whatever the file says', () => {
    expect(sniffSeparation('sep=;\na;b|c\n', '|')).toMatchObject({ delimiter: '|', sepLine: true });
    expect(sniffSeparation('a;b|c\n', '|')).toMatchObject({ delimiter: '|', sepLine: false });
    expect(sniffSeparation('sep=;x,y\na,b\n')).toMatchObject({ delimiter: ',', sepLine: false });
  });

  it('may have spaces before quotes', () => {
    expect(sniffSeparation('a, b\n1, "x, y"\n').spaced).toBe(true);
    expect(sniffSeparation('a, b\n1, x "y"\n"1, ""x""",2\n').spaced).toBe(false);
  });
});
