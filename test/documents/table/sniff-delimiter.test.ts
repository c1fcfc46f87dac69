import { describe, expect, it } from 'vitest';
import { sniffDelimiter } from '../../../src/documents/table/sniff-delimiter.ts';

describe('the delimiter of a CSV', () => {
  it.each([
    [',', 'a,b\n1,2\n3,4\n'],
    [';', 'a;b\n1,5;2\n3,5;4\n'],
    ['\t', 'a\tb, c\n1\t2\n3\t4\n'],
    ['|', 'a|b\n1|2\n3|4'],
    [',', 'alone\n1\n2\n'],
    [',', '"a;b","c;d"\n"1;2","3;4"\n5,6\n'],
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
