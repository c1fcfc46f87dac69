import { describe, expect, it } from 'vitest';
import { createTable, readText } from '../../../src/documents/table/table.ts';

function tableOf(rows: string[][], { maxRows = 10, header }: { maxRows?: number; header?: boolean } = {}) {
  const table = createTable<string>({ maxRows, header, mixed: 'string', read: readText });
  for (const row of rows) table.add(row);
  return { ...table.facts(), rows: table.rows(), names: table.facts().columns.map(({ name }) => name) };
}

describe('a table', () => {
  it('takes a first row of different texts as its header, unless the caller says otherwise', () => {
    const rows = [
      ['a', 'b'],
      ['1', '2'],
    ];

    expect(tableOf(rows)).toMatchObject({ header: true, rows_total: 1, names: ['a', 'b'] });
    expect(tableOf(rows, { header: false })).toMatchObject({ header: false, rows_total: 2 });
    expect(tableOf([['a', 'a']])).toMatchObject({ header: false });
    expect(tableOf([['a', '1']])).toMatchObject({ header: false });
  });

  it('gives each column a name of its own', () => {
    expect(tableOf([['a', '', 'a', 'a']], { header: true }).names).toEqual(['a', 'column_2', 'a_2', 'a_3']);
  });

  it('fills missing cells with null, and counts rows of another length', () => {
    const table = tableOf([['a', 'b'], ['1', '2'], ['3'], ['4', '5', '6']]);

    expect(table).toMatchObject({ ragged_rows: 2, first_ragged_row: 2, names: ['a', 'b', 'column_3'] });
    expect(table.columns.map(({ nulls }) => nulls)).toEqual([0, 1, 2]);
  });

  it('keeps the first rows, and fewer of them when they are wide', () => {
    const wide = ['x'.repeat(2_000_000)];

    expect(tableOf([['1'], ['2'], ['3']], { maxRows: 2 })).toMatchObject({ rows_total: 3, rows_kept: 2 });
    expect(tableOf([wide, wide, wide, wide], { header: false })).toMatchObject({ rows_total: 4, rows_kept: 2 });
  });

  it('has at most 1,000 columns', () => {
    expect(() => tableOf([Array.from({ length: 1_001 }, () => '1')])).toThrow('A table may have 1000 columns');
  });
});
