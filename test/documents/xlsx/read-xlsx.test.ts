import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { type ReadOptions, readDocument } from '../../../src/documents/index.ts';
import { OPTIONS, refusal, sourceOf } from '../source.ts';
import { aZip, aWorkbook as handmade } from '../zip.ts';

async function read(bytes: Uint8Array, options: Partial<ReadOptions> = {}) {
  const report = await readDocument(sourceOf(bytes), { ...OPTIONS, ...options });
  if (report.kind !== 'xlsx') throw new Error(`a ${report.kind}`);
  return { ...report.facts, rows: report.content.rows };
}

const aWorkbook = () =>
  writeXlsx({
    sheets: [
      {
        name: 'People',
        rows: [
          ['name', 'born', 'score', 'ok', 'mixed'],
          ['Äda', new Date('1915-12-10T00:00:00Z'), 4.5, true, 1],
          ['Bob', null, -1, false, 'x'],
        ],
      },
      { name: 'Numbers', rows: [[1], [2], [3]] },
    ],
  });

describe('an XLSX workbook', () => {
  it('becomes typed rows of its first sheet and a summary of each column', async () => {
    const table = await read(await aWorkbook());

    expect(table).toMatchObject({ sheet: 'People', rows_total: 2, header: true });
    expect(table.sheets).toEqual([
      { name: 'People', hidden: false },
      { name: 'Numbers', hidden: false },
    ]);
    expect(table.rows).toEqual([
      ['Äda', '1915-12-10', 4.5, true, 1],
      ['Bob', null, -1, false, 'x'],
    ]);
    expect(table.columns.map(({ name, type }) => [name, type])).toEqual([
      ['name', 'string'],
      ['born', 'date'],
      ['score', 'number'],
      ['ok', 'boolean'],
      ['mixed', 'mixed'],
    ]);
    expect(table.columns[2]).toMatchObject({ min: -1, max: 4.5, mean: 1.75 });
  });

  it('gives the sheet that the caller wants, by name or position', async () => {
    const bytes = await aWorkbook();

    expect((await read(bytes, { sheet: 'Numbers' })).rows).toEqual([[1], [2], [3]]);
    for (const sheet of [2, '2']) expect((await read(bytes, { sheet })).sheet).toBe('Numbers');
    for (const sheet of ['Unknown', 3, '3', '0']) {
      const error = await refusal(read(bytes, { sheet }));
      expect(error).toMatchObject({ code: 'sheet_not_found' });
      expect(String(error)).toContain('"People", "Numbers"');
    }
  });

  it('whose list of contents gives a false size is refused when an entry unpacks to more', async () => {
    const honest = await aWorkbook();
    const liar = honest.slice();
    const view = new DataView(liar.buffer);
    for (let at = 0; at < liar.length - 46; at++) {
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 10, true);
    }

    expect(await refusal(read(liar))).toMatchObject({ code: 'invalid_xlsx' });
  });

  it('that is cut off, damaged, or another kind of ZIP archive is refused', async () => {
    const bytes = await aWorkbook();
    const scribbled = bytes.map((byte, index) => (index > 60 && index < 400 ? byte ^ 0x55 : byte));
    const word = aZip([{ name: 'word/document.xml', packed: new Uint8Array(2), bytes: 2 }]);

    expect(await refusal(read(bytes.subarray(0, 500)))).toMatchObject({ code: 'invalid_xlsx' });
    expect(await refusal(read(scribbled))).toMatchObject({ code: 'invalid_xlsx' });
    expect(await refusal(read(word))).toMatchObject({
      code: 'unsupported_document',
      message: expect.stringContaining('Word'),
    });
  });

  it('has times of day and durations, which are no dates', async () => {
    const styles =
      '<numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="164"/></cellXfs>';
    const header = ['day', 'start', 'total'].map((name) => `<c t="str"><v>${name}</v></c>`).join('');
    const row = (...values: number[]) =>
      `<row>${values.map((value, at) => `<c s="${at + 1}"><v>${value}</v></c>`).join('')}</row>`;
    const table = await read(
      handmade({
        rows: `<row>${header}</row>${row(46_327, 0.375, 1.354166666666667)}${row(46_328, 0.5, 4.5)}`,
        styles,
      }),
    );

    expect(table.rows).toEqual([
      ['2026-11-01', '09:00:00', '32:30:00'],
      ['2026-11-02', '12:00:00', '108:00:00'],
    ]);
    expect(table.columns).toMatchObject([
      { name: 'day', type: 'date' },
      { name: 'start', type: 'time', min: '09:00:00', max: '12:00:00' },
      { name: 'total', type: 'duration', min: '32:30:00', max: '108:00:00' },
    ]);
  });

  it('whose first sheets are hidden is read from the first visible one', async () => {
    const bytes = await writeXlsx({
      sheets: [
        { name: 'Lists', hidden: true, rows: [['no']] },
        { name: 'Data', rows: [['yes'], [1]] },
      ],
    });

    expect(await read(bytes)).toMatchObject({
      ...{
        sheet: 'Data',
        sheets: [
          { name: 'Lists', hidden: true },
          { name: 'Data', hidden: false },
        ],
        rows: [[1]],
      },
    });
    expect((await read(bytes, { sheet: 'Lists' })).columns[0]?.name).toBe('no');
  });

  it('with names that are years has a header, or whatever the caller says', async () => {
    const bytes = await writeXlsx({
      sheets: [
        {
          name: 'S',
          rows: [
            ['region', 2024, 2025],
            ['north', 10, 20],
            ['south', 30, 40],
          ],
        },
      ],
    });
    const names = async (options: Partial<ReadOptions>) => (await read(bytes, options)).columns.map(({ name }) => name);

    expect(await names({})).toEqual(['region', '2024', '2025']);
    expect(await names({ header: false })).toEqual(['column_1', 'column_2', 'column_3']);
  });

  it('with 100,000 different texts is read', async () => {
    const indexes = Array.from({ length: 100_000 }, (_, index) => index);
    const bytes = handmade({
      rows: indexes.map((index) => `<row><c t="s"><v>${index}</v></c></row>`).join(''),
      strings: indexes.map((index) => `<si><t>a text that is not short, number ${index}</t></si>`).join(''),
    });
    const table = await read(bytes, { maxRows: 1, header: false });

    expect(table).toMatchObject({ rows_total: 100_000, rows: [['a text that is not short, number 0']] });
  });

  it('counts its blank rows', async () => {
    const bytes = handmade({ rows: '<row r="3"><c><v>1</v></c></row><row r="6"><c><v>2</v></c></row>' });

    expect(await read(bytes)).toMatchObject({ blank_rows: 4, rows_total: 2 });
  });

  it.each([
    ['without a worksheet', { 'xl/workbook.xml': '<workbook><sheets/></workbook>' }],
    ['with a sheet that is not well-formed', { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row>' }],
    ['without the text that a cell names', { 'xl/worksheets/sheet1.xml': '<w><row><c t="s"><v>0</v></c></row></w>' }],
  ])('%s is damaged', async (_, change) => {
    expect(await refusal(read(handmade({ rows: '' }, change)))).toMatchObject({ code: 'invalid_xlsx' });
  });
});
