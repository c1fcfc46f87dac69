import { describe, expect, it } from 'vitest';
import { readSheet } from '../../../src/documents/xlsx/read-sheet.ts';
import { refusal, sourceOf } from '../source.ts';

const CONTEXT = { strings: ['shared'], kinds: [], from1904: false };

async function rowsOf(sheetData: string) {
  const rows: unknown[][] = [];
  const stream = await sourceOf(`<worksheet><sheetData>${sheetData}</sheetData></worksheet>`).open();
  const { emptyRows } = await readSheet(stream, CONTEXT, (row) => rows.push(Array.from(row, (cell) => cell?.value)));
  return { rows, emptyRows };
}

describe('a worksheet', () => {
  it('gives each cell its column, although empty cells are left out', async () => {
    const { rows } = await rowsOf(
      '<row r="1"><c r="B1"><v>1</v></c><c r="AA1"><v>2</v></c></row><row r="2"><c><v>3</v></c><c><v>4</v></c></row>',
    );

    expect(rows[0]).toHaveLength(27);
    expect(rows[0]?.filter((value) => value !== undefined)).toEqual([1, 2]);
    expect([rows[0]?.[1], rows[0]?.[26], rows[1]]).toEqual([1, 2, [3, 4]]);
  });

  it('leaves out rows without a value and empty cells at the end of a row, and counts the rows', async () => {
    const { rows, emptyRows } = await rowsOf(
      '<row r="2"/><row r="3"><c r="A3"><v>1</v></c><c r="B3" s="1"/></row><row r="9"><c r="A9"><v>2</v></c></row><row r="10"><c r="A10"/></row>',
    );

    expect(rows).toEqual([[1], [2]]);
    expect(emptyRows).toBe(7);
  });

  it('has inline texts of several runs without phonetic runs, shared texts, and results of formulas', async () => {
    const { rows } = await rowsOf(
      '<row><c t="inlineStr"><is><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c><c t="s"><v>0</v></c><c><f>1+1</f><v>2</v></c><c t="str"><f>"a"</f><v>a</v></c></row>',
    );

    expect(rows).toEqual([['東京', 'shared', 2, 'a']]);
  });

  it('with a cell that no sheet can have, or of more than a megabyte, is refused', async () => {
    const cell = (reference: string, text: string) =>
      rowsOf(`<row><c r="${reference}" t="str"><v>${text}</v></c></row>`);

    expect(await refusal(cell('1', 'x'))).toMatchObject({ code: 'invalid_xlsx' });
    expect(await refusal(cell('XFE1', 'x'))).toMatchObject({ code: 'invalid_xlsx' });
    expect(await refusal(cell('A1', 'x'.repeat(1_000_001)))).toMatchObject({ code: 'field_too_large' });
  });
});
