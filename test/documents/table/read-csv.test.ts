import { describe, expect, it } from 'vitest';
import { type ReadOptions, readDocument } from '../../../src/documents/index.ts';
import { generated, OPTIONS, refusal, sourceOf } from '../source.ts';

async function read(content: string | Uint8Array, options: Partial<ReadOptions> = {}, chunkBytes?: number) {
  const report = await readDocument(sourceOf(content, chunkBytes), { ...OPTIONS, ...options });
  if (report.kind !== 'csv') throw new Error(`a ${report.kind}`);
  return { ...report.facts, rows: report.content.rows };
}

describe('a CSV', () => {
  it('becomes typed rows and a summary of each column', async () => {
    const text =
      'name,born,alive,score,zip\nAda,1815-12-10,false,4.5,01234\nBob,2001-01-31,TRUE,-1,99999\n"Eve, jr.",,,,\n';
    const table = await read(text);

    expect(table.rows).toEqual([
      ['Ada', '1815-12-10', false, 4.5, '01234'],
      ['Bob', '2001-01-31', true, -1, '99999'],
      ['Eve, jr.', null, null, null, null],
    ]);
    expect(table).toMatchObject({ rows_total: 3, rows_kept: 3, header: true, delimiter: ',', ragged_rows: 0 });
    expect(table.columns).toEqual([
      { name: 'name', type: 'string', count: 3, nulls: 0, distinct: 3, distinct_capped: false, longest: 8 },
      {
        ...{ name: 'born', type: 'date', count: 2, nulls: 1, distinct: 2, distinct_capped: false, longest: 10 },
        ...{ min: '1815-12-10', max: '2001-01-31' },
      },
      { name: 'alive', type: 'boolean', count: 2, nulls: 1, distinct: 2, distinct_capped: false, longest: 5 },
      {
        ...{ name: 'score', type: 'number', count: 2, nulls: 1, distinct: 2, distinct_capped: false, longest: 3 },
        ...{ min: -1, max: 4.5, mean: 1.75 },
      },
      { name: 'zip', type: 'string', count: 2, nulls: 1, distinct: 2, distinct_capped: false, longest: 5 },
    ]);
  });

  it('may have quoted line ends, doubled quotes and any line end, in chunks of any size', async () => {
    const text = '\ufeffa,b\r\n"one\r\ntwo","say ""hi"""\r\n3,4\r\n';
    for (const chunkBytes of [1, 2, 3, 7, 64]) {
      const table = await read(text, {}, chunkBytes);

      expect(table.columns.map(({ name }) => name)).toEqual(['a', 'b']);
      expect(table.rows).toEqual([
        ['one\r\ntwo', 'say "hi"'],
        ['3', '4'],
      ]);
    }
  });

  it('without a header names columns by their position; the caller may say whether it has one', async () => {
    expect((await read('1,2\n3,4\n')).columns.map(({ name }) => name)).toEqual(['column_1', 'column_2']);
    expect(await read('1,2\n3,4\n', { header: true })).toMatchObject({ header: true, rows_total: 1 });
    expect(await read('a,b\n3,4\n', { header: false })).toMatchObject({ header: false, rows_total: 2 });
    expect((await read('a,,a\n3,4,5\n', { header: true })).columns.map(({ name }) => name)).toEqual([
      'a',
      'column_2',
      'a_2',
    ]);
  });

  it('with ragged rows is read, and reports the first of them', async () => {
    const table = await read('a,b\n1,2\n3\n4,5,6\n');

    expect(table).toMatchObject({ rows_total: 3, ragged_rows: 2, first_ragged_row: 2 });
    expect(table.rows).toEqual([
      [1, 2, null],
      [3, null, null],
      [4, 5, 6],
    ]);
    expect(table.columns[2]).toMatchObject({ name: 'column_3', count: 1, nulls: 2 });
  });

  it('that is not UTF-8 is read as windows-1252, at whatever position its first such byte is, and reports that', async () => {
    const line = Uint8Array.of(0xc4, 0x70, 0x66, 0x65, 0x6c, 0x2c, 0x80, 0x0a);
    const early = await read(new Uint8Array([0x61, 0x2c, 0x62, 0x0a, ...line]));
    const padding = new TextEncoder().encode(`a,b\n${'x,y\n'.repeat(50_000)}`);
    const late = await read(new Uint8Array([...padding, ...line]), { maxRows: 50_001 });

    expect(early).toMatchObject({ encoding: 'windows-1252', rows: [['Äpfel', '€']] });
    expect(early.encoding_note).toContain('not valid UTF-8');
    expect(late.rows_total).toBe(50_001);
    expect(late.rows.at(-1)).toEqual(['Äpfel', '€']);
    expect(await read('ä,b\n1,2\n')).toMatchObject({ encoding: 'utf-8', encoding_note: null });
  });

  it('in UTF-16, as spreadsheets export it, is read', async () => {
    const text = '\ufeffname\tb\nÄda\t2\n';
    const bytes = new Uint8Array([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));

    expect(await read(bytes)).toMatchObject({ encoding: 'utf-16le', delimiter: '\t', rows: [['Äda', 2]] });
  });

  it('keeps as many rows as the caller wants, and counts all rows', async () => {
    const text = `n\n${Array.from({ length: 5_000 }, (_, n) => n).join('\n')}\n`;
    const table = await read(text, { maxRows: 10 });

    expect(table).toMatchObject({ rows_total: 5_000, rows_kept: 10 });
    expect(table.columns[0]).toMatchObject({
      min: 0,
      max: 4_999,
      mean: 2_499.5,
      distinct: 1_000,
      distinct_capped: true,
    });
  });

  it('with a field of 50 MB fails early, without reading the rest', async () => {
    const { source, made } = generated(50_000_000, 800, (index) => (index === 0 ? 'a,b\n1,"' : 'x'.repeat(62_500)));
    const error = await refusal(readDocument(source, OPTIONS));

    expect(error).toMatchObject({ code: 'field_too_large' });
    expect(String(error)).toContain('line 2');
    expect(made()).toBeLessThan(60);
  });

  it('of 100 MB is read as a stream, and only kept rows are held in memory', async () => {
    const rows = 500;
    const { source, made } = generated(100_000_000, 200, (index) =>
      Array.from({ length: rows }, (_, row) => `${index * rows + row},${'x'.repeat(990)}\n`).join(''),
    );
    let most = 0;
    const behind = (done: number) => {
      most = Math.max(most, made() - done / 500_000);
    };
    const report = await readDocument(source, { maxRows: 5, onProgress: behind });

    expect(report.facts).toMatchObject({ rows_total: 100_000, rows_kept: 5 });
    // Chunks that are made but not yet parsed. The first bytes are read twice.
    expect(most).toBeLessThan(8);
  });

  it('with too many columns is refused', async () => {
    expect(await refusal(read(`${'a,'.repeat(1_000)}b\n`))).toMatchObject({ code: 'document_too_large' });
  });

  it('with a quote that is never closed is refused', async () => {
    expect(await refusal(read('a,b\n1,"2\n3,4\n'))).toMatchObject({ code: 'invalid_csv' });
  });

  it.each([
    ['number', '0.9560342718892494', 0.9560342718892494],
    ['number', '-123.45600000000000000', -123.456],
    ['number', '5.123456789012345e-05', 5.123456789012345e-5],
    ['number', '0.10000000000000001', 0.1],
    ['number', '9.560342718892493874e-01', 0.9560342718892494],
    ['number', '0.00000000000000000', 0],
    ['string', '0.1234567890123456789', '0.1234567890123456789'],
    ['string', '12345678901234567.25', '12345678901234567.25'],
    ['string', '1234567890123456', '1234567890123456'],
    ['string', '007.5', '007.5'],
  ])('keeps a %s that is written %s', async (type, text, value) => {
    const table = await read(`n\n${text}\n`);

    expect(table.columns[0]).toMatchObject({ type });
    expect(table.rows).toEqual([[value]]);
  });

  it.each([
    ['CRLF after the header and LF after the rows', 'city,price\r\nBonn,1.5\nKiel,2.5\n'],
    ['LF after the header and CRLF after the rows', 'city,price\nBonn,1.5\r\nKiel,2.5\r\n'],
    ['CR alone', 'city,price\rBonn,1.5\rKiel,2.5'],
    ['CR CR LF', 'city,price\r\r\nBonn,1.5\r\r\nKiel,2.5\r\r\n'],
    ['a mixture', '\ufeffcity,price\r\r\nBonn,1.5\rKiel,2.5\r\n'],
    ['spaces around numbers', 'city,price\nBonn, 1.5\nKiel,2.5 \n'],
  ])('with %s has clean cells and typed columns', async (_, text) => {
    for (const chunkBytes of [1, 64]) {
      const table = await read(text, {}, chunkBytes);

      expect(table.rows).toEqual([
        ['Bonn', 1.5],
        ['Kiel', 2.5],
      ]);
      expect(table).toMatchObject({ blank_lines: 0, columns: [{ name: 'city' }, { name: 'price', type: 'number' }] });
    }
  });

  it('with a line sep= is split by that delimiter, and the line is no row', async () => {
    for (const line of ['sep=;\r\n', '"sep=;"\n', '\ufeffsep=;\r\r\n', 'sep=;,\n'])
      expect(await read(`${line}name;age\r\nAda;36,5\r\n`)).toMatchObject({
        ...{ delimiter: ';', header: true, rows_total: 1, rows: [['Ada', '36,5']] },
      });
  });

  it('is split by the delimiter that the caller names, even if it looks like JSON', async () => {
    expect(await read('a^b,c\n1^2\n', { delimiter: '^' })).toMatchObject({ delimiter: '^', rows: [[1, 2]] });
    expect((await read('[a];[b]\n1;2\n', { delimiter: ';' })).columns.map(({ name }) => name)).toEqual(['[a]', '[b]']);
  });

  it('with spaces before quoted fields is not split inside them', async () => {
    expect((await read('a, b\n1, "x, y"\n2, z\n')).rows).toEqual([
      [1, 'x, y'],
      [2, 'z'],
    ]);
  });

  it('counts blank lines, which are no rows', async () => {
    expect(await read('n\n\n1\n\n\n2\n')).toMatchObject({ blank_lines: 3, rows_total: 2 });
  });
});
