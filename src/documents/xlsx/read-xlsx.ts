// Reads one sheet of an XLSX workbook, row by row.
import { readXlsx as readWorkbook, streamXlsxRows } from 'hucre/xlsx';
import { DocumentError } from '../document-error.ts';
import { MAX_RECORD_BYTES, MAX_XLSX_BYTES, megabytes } from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import type { Value } from '../table/column.ts';
import { createTable, type TableFacts } from '../table/table.ts';
import { checkArchive } from './check-archive.ts';

export interface XlsxFacts extends TableFacts {
  /** The name of the sheet that was read. */
  sheet: string;
  /** The names of all sheets. */
  sheets: string[];
}

export interface XlsxReport {
  facts: XlsxFacts;
  content: { rows: Value[][] };
}

const ROWS_PER_TURN = 1_000;

/** @throws DocumentError `invalid_xlsx`, `unsupported_document`, `document_too_large`, `sheet_not_found`, `field_too_large` */
export async function readXlsx(source: Source, options: ReadOptions): Promise<XlsxReport> {
  const bytes = await readWhole(source, MAX_XLSX_BYTES, 'A workbook');
  checkArchive(bytes);
  try {
    return await read(bytes, options);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DocumentError || options.signal?.aborted) throw error;
    const reason = error.message.slice(0, 300).replace(/\.$/, '');
    throw new DocumentError('invalid_xlsx', `The workbook is damaged: ${reason}.`, { cause: error });
  }
}

async function read(bytes: Uint8Array, options: ReadOptions): Promise<XlsxReport> {
  const sheets: string[] = [];
  // The filter is called for every sheet, and returning false keeps the sheet from being read.
  await readWorkbook(bytes, {
    sheets: ({ name }) => {
      sheets.push(name);
      return false;
    },
  });
  const index = indexOf(sheets, options.sheet ?? 1);
  const table = createTable<Value>({ ...options, header: options.header, mixed: 'mixed', read: readCell });
  let rows = 0;
  for await (const { values } of streamXlsxRows(bytes, { sheet: index })) {
    table.add(trim(values.map(toValue)));
    if (++rows % ROWS_PER_TURN !== 0) continue;
    options.signal?.throwIfAborted();
    await scheduler.wait(0);
  }
  const { facts, rows: kept } = table.end();
  const content = { rows: kept.map((cells) => facts.columns.map((_, at) => cells[at] ?? null)) };
  return { facts: { ...facts, sheet: sheets[index] ?? '', sheets }, content };
}

function indexOf(sheets: string[], wanted: string | number): number {
  const index = typeof wanted === 'number' ? wanted - 1 : sheets.indexOf(wanted);
  if (index >= 0 && index < sheets.length) return index;
  const known = sheets
    .slice(0, 20)
    .map((name) => JSON.stringify(name))
    .join(', ');
  throw new DocumentError('sheet_not_found', `The workbook has no sheet ${JSON.stringify(wanted)}. It has ${known}.`);
}

/** The value as JSON holds it. A date becomes ISO 8601, without the time if it has none. */
function toValue(cell: unknown): Value {
  if (cell instanceof Date)
    return Number.isNaN(cell.getTime()) ? null : cell.toISOString().replace('T00:00:00.000Z', '');
  if (typeof cell === 'string' && cell.length > MAX_RECORD_BYTES)
    throw new DocumentError('field_too_large', `A cell is larger than ${megabytes(MAX_RECORD_BYTES)}.`);
  return typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' ? cell : null;
}

/** Removes empty cells at the end of a row: formatted but empty cells must not make a row ragged. */
function trim(cells: Value[]): Value[] {
  const last = cells.findLastIndex((cell) => cell !== null && cell !== '');
  return cells.slice(0, last + 1);
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z)?$/;

function readCell(cell: Value) {
  if (cell === null || cell === '') return undefined;
  if (typeof cell === 'string') return { text: cell, type: DATE.test(cell) ? ('date' as const) : ('string' as const) };
  return { text: String(cell), type: typeof cell === 'number' ? ('number' as const) : ('boolean' as const) };
}
