// Reads one sheet of an XLSX workbook, row by row.
import { DocumentError } from '../document-error.ts';
import { MAX_XLSX_BYTES } from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import type { Value } from '../table/column.ts';
import { createTable, type TableFacts } from '../table/table.ts';
import { type Archive, damaged, openArchive } from './archive.ts';
import type { CellValue } from './cell-value.ts';
import { checkArchive } from './check-archive.ts';
import { readSheet } from './read-sheet.ts';
import { readSharedStrings } from './shared-strings.ts';
import { readStyles } from './styles.ts';
import { readWorkbook, required, type Sheet } from './workbook.ts';

export interface XlsxFacts extends TableFacts {
  /** The name of the sheet that was read. */
  sheet: string;
  /** All worksheets in their order. A sheet that is only a chart is none. */
  sheets: { name: string; hidden: boolean }[];
  /** Rows without a value above or between the others. They are left out. */
  blank_rows: number;
}

export interface XlsxReport {
  facts: XlsxFacts;
  content: { rows: Value[][] };
}

/** @throws DocumentError `invalid_xlsx`, `unsupported_document`, `document_too_large`, `sheet_not_found`, `field_too_large` */
export async function readXlsx(source: Source, options: ReadOptions): Promise<XlsxReport> {
  const bytes = await readWhole(source, MAX_XLSX_BYTES, 'A workbook');
  const archive = openArchive(bytes);
  checkArchive(archive.entries);
  try {
    return await read(archive, options);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DocumentError || options.signal?.aborted) throw error;
    throw damaged(error.message.slice(0, 300).replace(/\.$/, ''), error);
  }
}

async function read(archive: Archive, { maxRows, header, sheet: wanted, signal }: ReadOptions): Promise<XlsxReport> {
  const workbook = await readWorkbook(archive);
  const sheet = chooseSheet(workbook.sheets, wanted);
  const strings = workbook.strings === undefined ? undefined : archive.open(workbook.strings);
  const styles = workbook.styles === undefined ? undefined : archive.open(workbook.styles);
  const context = {
    strings: strings ? await readSharedStrings(strings, signal) : [],
    kinds: styles ? await readStyles(styles) : [],
    from1904: workbook.from1904,
  };
  const table = createTable<CellValue | undefined>({ maxRows, header, mixed: 'mixed', read: (cell) => cell });
  const { emptyRows } = await readSheet(required(archive, sheet.part), context, table.add, signal);
  const { facts, rows } = table.end();
  const sheets = workbook.sheets.map(({ name, hidden }) => ({ name, hidden }));
  return {
    facts: { ...facts, sheet: sheet.name, sheets, blank_rows: emptyRows },
    content: { rows: rows.map((cells) => facts.columns.map((_, at) => cells[at]?.value ?? null)) },
  };
}

/** By default the first sheet that is not hidden. Digits are a position, unless a sheet has them as its name. */
function chooseSheet(sheets: readonly Sheet[], wanted: string | number | undefined): Sheet {
  if (sheets.length === 0) throw damaged('it has no worksheet');
  const first = sheets.find(({ hidden }) => !hidden) ?? sheets[0];
  const named = sheets.find(({ name }) => name === wanted);
  const position = /^\d{1,6}$/.test(String(wanted)) ? Number(wanted) : 0;
  const sheet = wanted === undefined ? first : (named ?? sheets[position - 1]);
  if (sheet) return sheet;
  const known = sheets
    .slice(0, 20)
    .map(({ name }) => JSON.stringify(name))
    .join(', ');
  throw new DocumentError('sheet_not_found', `The workbook has no sheet ${JSON.stringify(wanted)}. It has ${known}.`);
}
