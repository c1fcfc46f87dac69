import { describe, expect, it } from 'vitest';
import { createTable, readText } from '../../../src/documents/table/table.ts';

function tableOf(rows: string[][], { maxRows = 10, header }: { maxRows?: number; header?: boolean } = {}) {
  const table = createTable<string>({ maxRows, header, mixed: 'string', read: readText });
  for (const row of rows) table.add(row);
  const { facts, rows: kept } = table.end();
  return { ...facts, rows: kept, names: facts.columns.map(({ name }) => name) };
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

  it('decides about the header by the rows below, as soon as there are 50 rows or at the end', () => {
    const rows = (count: number) => [['id', 'id'], ...Array.from({ length: count }, (_, n) => [String(n), 'x'])];

    for (const count of [1, 49, 50, 200])
      expect(tableOf(rows(count))).toMatchObject({ header: true, header_note: null, rows_total: count });
    expect(tableOf([])).toMatchObject({ header: false, rows_total: 0, names: [] });
  });

  it('whose header leaves out the name of the row numbers is not shifted', () => {
    const table = tableOf([
      ['name', 'age'],
      ['1', 'Ada', '36'],
      ['2', 'Bob', '41'],
    ]);

    expect(table).toMatchObject({ names: ['column_1', 'name', 'age'], ragged_rows: 0 });
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
