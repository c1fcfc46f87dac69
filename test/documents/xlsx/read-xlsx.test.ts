import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { type ReadOptions, readDocument } from '../../../src/documents/index.ts';
import { OPTIONS, refusal, sourceOf } from '../source.ts';
import { aZip } from '../zip.ts';

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
          ['Äda', new Date('1815-12-10T00:00:00Z'), 4.5, true, 1],
          ['Bob', null, -1, false, 'x'],
        ],
      },
      { name: 'Numbers', rows: [[1], [2], [3]] },
    ],
  });

describe('an XLSX workbook', () => {
  it('becomes typed rows of its first sheet and a summary of each column', async () => {
    const table = await read(await aWorkbook());

    expect(table).toMatchObject({ sheet: 'People', sheets: ['People', 'Numbers'], rows_total: 2, header: true });
    expect(table.rows).toEqual([
      ['Äda', '1815-12-10', 4.5, true, 1],
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
    expect((await read(bytes, { sheet: 2 })).sheet).toBe('Numbers');
    for (const sheet of ['Unknown', 3]) {
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
});
