import { describe, expect, it } from 'vitest';
import { kindOfFormat } from '../../../src/documents/xlsx/number-format.ts';

describe('the number format of a cell', () => {
  it.each([
    [
      'date',
      ['yyyy-mm-dd', 'd-mmm', 'mmm yyyy', 'm/d/yy h:mm', 'dd"."mm"."yy', '[$-F800]dddd\\,\\ mmmm\\ dd', 'ge.m.d', 'mm'],
    ],
    ['time', ['hh:mm', 'h:mm AM/PM', '[$-F400]h:mm:ss\\ AM/PM', 'mm:ss', 'mm:ss.0', 'h"h"mm', 'ss']],
    ['duration', ['[h]:mm', '[hh]:mm:ss', '[m]:ss', '[ss].000', '[h]"h" mm"m";@']],
    [
      'number',
      [
        'General',
        'Standard',
        '0.00',
        '0.00" days"',
        '[Red]0.00',
        '0.00E+00',
        '# ?/?',
        '@',
        '#,##0\\ \\d',
        '_-* #,##0.00\\ _d',
        '',
      ],
    ],
  ] as const)('means a %s: %j', (kind, codes) => {
    for (const code of codes) expect([code, kindOfFormat(164, code)]).toEqual([code, kind]);
  });

  it.each([
    ['number', [0, 1, 9, 37, 49, 9_999]],
    ['date', [14, 22, 27, 57]],
    ['time', [18, 21, 45, 47]],
    ['duration', [46]],
  ] as const)('that a workbook does not write out means a %s: %j', (kind, ids) => {
    for (const id of ids) expect([id, kindOfFormat(id, undefined)]).toEqual([id, kind]);
  });

  it('is what the workbook writes, if it writes a built-in one', () => {
    expect(kindOfFormat(14, '0.00')).toBe('number');
  });
});
