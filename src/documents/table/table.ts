// Sums up a table row by row: a summary of each column, and the first rows. It must hold nothing else of the table.
import { DocumentError } from '../document-error.ts';
import { MAX_COLUMNS, MAX_DISTINCT, MAX_DISTINCT_TOTAL, MAX_KEPT_CHARACTERS } from '../limits.ts';
import { type Column, type ColumnSummary, createColumn, typeOfText } from './column.ts';
import { type Cell as CellText, decideHeader, lacksIndexName } from './header.ts';

export interface TableFacts {
  rows_total: number;
  /** True if the first row names the columns. */
  header: boolean;
  /** Says why `header` may be wrong, if the first row is not clear and the caller did not decide; otherwise null. */
  header_note: string | null;
  columns: ColumnSummary[];
  /** Rows with more or fewer cells than the first row. Missing cells are null; additional cells make additional columns. */
  ragged_rows: number;
  /** The number of the first such row, counted from 1 without the header; null when there is none. */
  first_ragged_row: number | null;
  rows_kept: number;
}

export interface Table<Cell> {
  /** @throws DocumentError `document_too_large` for too many columns */
  add(cells: Cell[]): void;
  /** To be called once, after the last row. */
  end(): { facts: TableFacts; rows: Cell[][] };
}

interface Reading<Cell> {
  maxRows: number;
  /** Undefined: the first rows decide. */
  header?: boolean | undefined;
  mixed: 'mixed' | 'string';
  /** The text and the type of a cell; undefined for an empty cell. */
  read(cell: Cell): CellText;
}

/** The number of rows, with the first, that decide whether it is a header, and their cells together. */
const DECIDING_ROWS = 50;
const DECIDING_CELLS = 20_000;

/** A table to which rows are added one by one. */
export function createTable<Cell>({ maxRows, header, mixed, read }: Reading<Cell>): Table<Cell> {
  const counts = { total: 0, ragged: 0, firstRagged: null as number | null };
  const columns: Column[] = [];
  const kept = keptRows<Cell>(maxRows);
  /** The first rows; undefined as soon as they have decided about the header. */
  let waiting: Cell[][] | undefined = [];
  let waitingCells = 0;
  let names: string[] = [];
  let decision = { header: false, note: null as string | null };
  /** The number of cells of the first row. */
  let width = 0;

  const count = (cells: Cell[]) => {
    widen(columns, cells.length, counts.total, mixed);
    counts.total++;
    if (cells.length !== width) {
      counts.ragged++;
      counts.firstRagged ??= counts.total;
    }
    let characters = 0;
    for (const [at, column] of columns.entries()) {
      const cell = cells[at];
      const value = cell === undefined ? undefined : read(cell);
      if (value) column.add(value.text, value.type);
      else column.addNull();
      characters += value?.text.length ?? 0;
    }
    kept.add(cells, characters);
  };

  const decide = () => {
    const rows = waiting ?? [];
    waiting = undefined;
    const [first, ...body] = rows;
    if (!first) return;
    const cells = first.map(read);
    const below = body.map((row) => row.map(read));
    decision = header === undefined ? decideHeader(cells, below) : { header, note: null };
    if (decision.header) names = cells.map((cell) => cell?.text.trim() ?? '');
    if (decision.header && lacksIndexName(cells, below)) names.unshift('');
    width = decision.header ? names.length : first.length;
    widen(columns, width, 0, mixed);
    for (const row of decision.header ? body : rows) count(row);
  };

  return {
    add(cells) {
      if (!waiting) return count(cells);
      waiting.push(cells);
      waitingCells += cells.length;
      if (waiting.length >= DECIDING_ROWS || waitingCells >= DECIDING_CELLS) decide();
    },
    end() {
      decide();
      const facts = {
        rows_total: counts.total,
        header: decision.header,
        header_note: decision.note,
        columns: distinctNames(columns.map((_, at) => names[at] ?? '')).map(
          (name, at) => columns[at]?.summary(name) as ColumnSummary,
        ),
        ragged_rows: counts.ragged,
        first_ragged_row: counts.firstRagged,
        rows_kept: kept.rows.length,
      };
      return { facts, rows: kept.rows };
    },
  };
}

/** Adds columns until there are `count`; the rows so far have null in a new column. Throws `document_too_large`. */
function widen(columns: Column[], count: number, rowsSoFar: number, mixed: 'mixed' | 'string'): void {
  if (count <= columns.length) return;
  if (count > MAX_COLUMNS)
    throw new DocumentError('document_too_large', `A table may have ${MAX_COLUMNS} columns; this one has ${count}.`);
  const maxDistinct = Math.max(20, Math.min(MAX_DISTINCT, Math.floor(MAX_DISTINCT_TOTAL / count)));
  while (columns.length < count) {
    const column = createColumn(maxDistinct, mixed);
    column.addNull(rowsSoFar);
    columns.push(column);
  }
}

/** The first `maxRows` rows, as many as have at most MAX_KEPT_CHARACTERS together. */
function keptRows<Cell>(maxRows: number) {
  const rows: Cell[][] = [];
  let sum = 0;
  return {
    rows,
    add(cells: Cell[], characters: number): void {
      if (rows.length >= maxRows) return;
      sum += characters;
      if (sum <= MAX_KEPT_CHARACTERS) rows.push(cells);
    },
  };
}

/** A column without a name is named by its position. A name that occurs again gets a number. */
function distinctNames(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((given, at) => {
    const name = given === '' ? `column_${at + 1}` : given.slice(0, 200);
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
    taken.add(free);
    return free;
  });
}

/** Reads a cell of a file format that has only text. */
export function readText(cell: string) {
  return cell === '' ? undefined : { text: cell, type: typeOfText(cell) };
}
