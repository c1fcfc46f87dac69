import { describe, expect, it } from 'vitest';
import { valueOfCell } from '../../../src/documents/xlsx/cell-value.ts';
import type { NumberKind } from '../../../src/documents/xlsx/number-format.ts';

const KINDS: NumberKind[] = ['number', 'date', 'time', 'duration'];

function cell(value: string, type = '', { kind = 'number' as NumberKind, from1904 = false, inline = '' } = {}) {
  const found = valueOfCell(
    { type, style: KINDS.indexOf(kind), value, inline },
    { strings: ['zero', ''], kinds: KINDS, from1904 },
  );
  return found && [found.type, found.value];
}

describe('the number of a cell', () => {
  it.each([
    ['date', '44148', ['date', '2020-11-13']],
    ['date', '41722.4097222222', ['date', '2014-03-24T09:50:00.000Z']],
    ['date', '1', ['date', '1900-01-01']],
    ['date', '61', ['date', '1900-03-01']],
    ['date', '0.5', ['time', '12:00:00']],
    ['date', '2958465', ['date', '9999-12-31']],
    ['date', '99999999', ['number', 99_999_999]],
    ['date', '-30701', ['date', '1815-12-10']],
    ['date', '-99999999', ['number', -99_999_999]],
    ['time', '0.375', ['time', '09:00:00']],
    ['time', '0', ['time', '00:00:00']],
    ['time', '0.39583333333212067', ['time', '09:30:00']],
    ['time', '0.5000057870370371', ['time', '12:00:00.500']],
    ['time', '0.9999999999', ['time', '23:59:59.999']],
    ['time', '1.5', ['duration', '36:00:00']],
    ['time', '-0.25', ['duration', '-06:00:00']],
    ['time', '44588.354166666664', ['date', '2022-01-27T08:30:00.000Z']],
    ['duration', '1.354166666666667', ['duration', '32:30:00']],
    ['duration', '0', ['duration', '00:00:00']],
    ['duration', '10.6319444444', ['duration', '255:10:00']],
    ['duration', '-0.0625', ['duration', '-01:30:00']],
    ['number', '0.1', ['number', 0.1]],
    ['number', '1.5E3', ['number', 1500]],
    ['number', '9007199254740991', ['number', 9_007_199_254_740_991]],
    ['number', '1970670598291982290', ['string', '1970670598291982290']],
    ['number', 'x', ['string', 'x']],
    ['number', '', undefined],
  ] as const)('with a format of a %s: %s is %j', (kind, value, expected) => {
    expect(cell(value, '', { kind })).toEqual(expected);
    expect(cell(value, 'n', { kind })).toEqual(expected);
  });

  it('may count days from 1904', () => {
    expect(cell('42506', '', { kind: 'date', from1904: true })).toEqual(['date', '2020-05-17']);
    expect(cell('0.25', '', { kind: 'time', from1904: true })).toEqual(['time', '06:00:00']);
    expect(cell('1.25', '', { kind: 'duration', from1904: true })).toEqual(['duration', '30:00:00']);
  });
});

describe('a cell of another type', () => {
  it.each([
    ['d', '2026-05-17T00:00:00', ['date', '2026-05-17']],
    ['d', '2020-01-01T00:00:00.000', ['date', '2020-01-01']],
    ['d', '2026-05-17T09:30:00', ['date', '2026-05-17T09:30:00.000Z']],
    ['d', '2026-05-17', ['date', '2026-05-17']],
    ['d', '2026-05-17T09:30Z', ['date', '2026-05-17T09:30:00.000Z']],
    ['d', '09:30:15', ['time', '09:30:15']],
    ['d', 'T09:30:15.25', ['time', '09:30:15.250']],
    ['d', 'tomorrow', ['string', 'tomorrow']],
    ['d', '', undefined],
    ['b', '1', ['boolean', true]],
    ['b', '0', ['boolean', false]],
    ['b', 'TRUE', ['boolean', true]],
    ['e', '#N/A', ['string', '#N/A']],
    ['s', '0', ['string', 'zero']],
    ['s', '1', undefined],
    ['s', '', undefined],
    ['str', 'a_x000D_b', ['string', 'a\rb']],
    ['str', '2026-01-01', ['date', '2026-01-01']],
    ['str', '09:00:00', ['string', '09:00:00']],
  ] as const)('%s: %j is %j', (type, value, expected) => {
    expect(cell(value, type)).toEqual(expected);
  });

  it('that names a text which is not there is damaged', () => {
    for (const value of ['2', '-1', 'x'])
      expect(() => cell(value, 's')).toThrow(expect.objectContaining({ code: 'invalid_xlsx' }));
  });
});
