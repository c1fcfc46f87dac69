import { describe, expect, it } from 'vitest';
import { createColumn, typeOfText, valueOfText } from '../../../src/documents/table/column.ts';

describe('the type of a text', () => {
  it.each([
    ['0', 'number'],
    ['-1.5e3', 'number'],
    ['007', 'string'],
    ['1,5', 'string'],
    ['12345678901234567', 'string'],
    ['.5', 'number'],
    [' 2.5 ', 'number'],
    ['1.5e-300', 'number'],
    ['1e400', 'string'],
    ['1e-400', 'string'],
    ['+491511234567', 'string'],
    [' true ', 'boolean'],
    ['2026-11-24', 'date'],
    ['2026-11-24T09:30:00Z', 'date'],
    ['2026-13-24', 'string'],
    ['TRUE', 'boolean'],
    ['yes', 'string'],
    ['', 'string'],
  ])('%j is %s', (text, type) => {
    expect(typeOfText(text)).toBe(type);
  });
});

describe('the value of a text', () => {
  it('follows the type of its column', () => {
    expect(valueOfText('', 'string')).toBeNull();
    expect(valueOfText('4.5', 'number')).toBe(4.5);
    expect(valueOfText('True', 'boolean')).toBe(true);
    expect(
      [' 4.5', ' True ', ' x '].map((text, at) =>
        valueOfText(text, (['number', 'boolean', 'string'] as const)[at] ?? 'empty'),
      ),
    ).toEqual([4.5, true, ' x ']);
    expect(valueOfText('2026-11-24', 'date')).toBe('2026-11-24');
    expect(valueOfText('4.5', 'string')).toBe('4.5');
  });
});

describe('the summary of a column', () => {
  const summary = (texts: string[], mixed: 'mixed' | 'string' = 'mixed', maxDistinct = 100) => {
    const column = createColumn(maxDistinct, mixed);
    for (const text of texts) column.add(text, typeOfText(text));
    return column.summary('c');
  };

  it('counts values, nulls and distinct values', () => {
    const column = createColumn(100, 'mixed');
    for (const text of ['a', 'a', 'bcd']) column.add(text, 'string');
    column.addNull(2);
    column.addNull();

    expect(column.summary('c')).toEqual({
      ...{ name: 'c', type: 'string', count: 3, nulls: 3, distinct: 2, distinct_capped: false, longest: 3 },
    });
  });

  it('has the extremes and the mean of numbers, and the extremes of dates', () => {
    expect(summary(['3', '-1', '4'])).toMatchObject({ type: 'number', min: -1, max: 4, mean: 2 });
    expect(summary(['2026-01-02', '1815-12-10'])).toMatchObject({ type: 'date', min: '1815-12-10', max: '2026-01-02' });
  });

  it('has the extremes of times and durations', () => {
    const extremes = (type: 'time' | 'duration', texts: string[]) => {
      const column = createColumn(100, 'mixed');
      for (const text of texts) column.add(text, type);
      return column.summary('c');
    };

    expect(extremes('time', ['09:30:00', '08:00:00'])).toMatchObject({
      type: 'time',
      min: '08:00:00',
      max: '09:30:00',
    });
    expect(extremes('duration', ['100:00:00', '32:30:00', '-01:00:00'])).toMatchObject({
      ...{ type: 'duration', min: '-01:00:00', max: '100:00:00' },
    });
  });

  it('names several types as the file format does', () => {
    expect(summary(['1', 'a']).type).toBe('mixed');
    expect(summary(['1', 'a'], 'string').type).toBe('string');
    expect(summary([]).type).toBe('empty');
  });

  it('counts a limited number of distinct values, and compares long ones by beginning and length', () => {
    expect(summary(['a', 'b', 'c'], 'mixed', 2)).toMatchObject({ distinct: 2, distinct_capped: true });
    expect(summary(['x'.repeat(150), `${'x'.repeat(149)}y`, 'x'.repeat(151)])).toMatchObject({ distinct: 2 });
  });
});
