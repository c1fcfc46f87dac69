// Reads the rows of a worksheet as a stream. It must hold no more than one of them.
import { DocumentError } from '../document-error.ts';
import { MAX_RECORD_BYTES, megabytes } from '../limits.ts';
import { damaged } from './archive.ts';
import { type CellContext, type CellValue, valueOfCell } from './cell-value.ts';
import { parseXml } from './parse-xml.ts';
import { createTextReader } from './text-of.ts';

/** A cell without a value is undefined; the last cell of a row has one. */
export type Row = (CellValue | undefined)[];

/** As many columns as Excel has. */
const MAX_SHEET_COLUMNS = 16_384;

/**
 * Calls `onRow` for each row that has a value, in their order. Returns the number of empty rows above or between them.
 * @throws DocumentError `invalid_xlsx`, `field_too_large`
 */
export async function readSheet(
  stream: ReadableStream<Uint8Array>,
  context: CellContext,
  onRow: (row: Row) => void,
  signal?: AbortSignal,
): Promise<{ emptyRows: number }> {
  const inline = createTextReader();
  let row: Row | undefined;
  let rowNumber = 0;
  let lastNumber = 0;
  let emptyRows = 0;
  let column = 0;
  let cell = { type: '', style: -1, value: '', inline: '' };
  let inCell = false;
  let inValue = false;

  const endCell = () => {
    cell.inline = inline.take();
    const value = valueOfCell(cell, context);
    if (value && value.text.length > MAX_RECORD_BYTES)
      throw new DocumentError('field_too_large', `A cell is larger than ${megabytes(MAX_RECORD_BYTES)}.`);
    if (value && row) row[column] = value;
    column++;
  };
  const endRow = () => {
    if (row && row.length > 0) {
      emptyRows += Math.max(0, rowNumber - lastNumber - 1);
      lastNumber = rowNumber;
      onRow(row);
    }
    row = undefined;
  };

  await parseXml(
    stream,
    {
      open(name, attributes) {
        if (name === 'row') {
          row = [];
          rowNumber = attributes.r === undefined ? rowNumber + 1 : Number(attributes.r);
          column = 0;
        } else if (name === 'c' && row) {
          inCell = true;
          cell = { type: attributes.t ?? '', style: Number(attributes.s ?? 0), value: '', inline: '' };
          if (attributes.r !== undefined) column = columnOf(attributes.r);
        } else if (inCell && name === 'v') inValue = true;
        else if (inCell) inline.open(name);
      },
      text(text) {
        if (inValue) cell.value += text;
        else if (inCell) inline.text(text);
      },
      close(name) {
        if (name === 'v') inValue = false;
        else if (name === 'c' && inCell) {
          endCell();
          inCell = false;
        } else if (name === 'row') endRow();
        else if (inCell) inline.close(name);
      },
    },
    signal,
  );
  return { emptyRows };
}

/** The position of a column from 0. Example: "AB12" → 27. */
function columnOf(reference: string): number {
  let column = 0;
  for (const character of reference) {
    const code = character.charCodeAt(0) & ~32;
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  if (column === 0 || column > MAX_SHEET_COLUMNS)
    throw damaged(`it has a cell ${JSON.stringify(reference.slice(0, 20))}, which no sheet can have`);
  return column - 1;
}
