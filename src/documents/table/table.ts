// A table that goes by row by row: its columns are summed up, its first rows kept, nothing else held.
import { DocumentError } from '../document-error.ts';
import { MAX_COLUMNS, MAX_DISTINCT, MAX_DISTINCT_TOTAL, MAX_KEPT_CHARACTERS } from '../limits.ts';
import { type Column, type ColumnSummary, createColumn, typeOfText, type Value } from './column.ts';

export interface TableFacts {
  rows_total: number;
  /** Does the first row name the columns? */
  header: boolean;
  columns: ColumnSummary[];
  /** Rows with more or fewer cells than the first one. Missing cells are null, further ones make further columns. */
  ragged_rows: number;
  /** The first of them, counted from 1 without the header; null when there is none. */
  first_ragged_row: number | null;
  rows_kept: number;
}

export interface Table<Cell> {
  /** Throws DocumentError `document_too_large` for too many columns. */
  add(cells: Cell[]): void;
  facts(): TableFacts;
  rows(): Cell[][];
}

interface Reading<Cell> {
  maxRows: number;
  header: boolean | undefined;
  mixed: 'mixed' | 'string';
  /** The cell as text and its type; undefined for nothing. */
  read(cell: Cell): { text: string; type: 'number' | 'boolean' | 'date' | 'string' } | undefined;
}

export function createTable<Cell extends Value>({ maxRows, header, mixed, read }: Reading<Cell>): Table<Cell> {
  let names: string[] = [];
  /** Cells of the first row; undefined before it. */
  let width: number | undefined;
  let named = false;
  let total = 0;
  let characters = 0;
  let ragged = 0;
  let firstRagged: number | null = null;
  const columns: Column[] = [];
  const kept: Cell[][] = [];

  const widen = (count: number) => {
    if (count > MAX_COLUMNS)
      throw new DocumentError('document_too_large', `a table may have ${MAX_COLUMNS} columns; this one has ${count}`);
    const maxDistinct = Math.max(20, Math.min(MAX_DISTINCT, Math.floor(MAX_DISTINCT_TOTAL / count)));
    while (columns.length < count) {
      const column = createColumn(maxDistinct, mixed);
      column.addNull(total);
      columns.push(column);
    }
  };
  const begin = (cells: Cell[]) => {
    width = cells.length;
    named = header ?? looksLikeHeader(cells.map(read));
    if (named) names = cells.map((cell) => read(cell)?.text.trim() ?? '');
    widen(width);
  };

  return {
    add(cells) {
      if (width === undefined) {
        begin(cells);
        if (named) return;
      }
      if (cells.length > columns.length) widen(cells.length);
      total++;
      if (cells.length !== width) {
        ragged++;
        firstRagged ??= total;
      }
      for (const [at, column] of columns.entries()) {
        const cell = cells[at];
        const value = cell === undefined ? undefined : read(cell);
        if (value) column.add(value.text, value.type);
        else column.addNull();
        if (kept.length < maxRows) characters += value?.text.length ?? 0;
      }
      if (kept.length < maxRows && characters <= MAX_KEPT_CHARACTERS) kept.push(cells);
    },
    facts: () => ({
      rows_total: total,
      header: named,
      columns: distinctNames(columns.map((_, at) => names[at] ?? '')).map(
        (name, at) => columns[at]?.summary(name) as ColumnSummary,
      ),
      ragged_rows: ragged,
      first_ragged_row: firstRagged,
      rows_kept: kept.length,
    }),
    rows: () => kept,
  };
}

/** Names: texts, all different, none of them empty or looking like data. */
function looksLikeHeader(cells: (ReturnType<Reading<Value>['read']> | undefined)[]): boolean {
  const names = cells.map((cell) => (cell?.type === 'string' ? cell.text.trim() : ''));
  return names.length > 0 && names.every((name) => name !== '') && new Set(names).size === names.length;
}

/** A column without a name is called by its place, a second one of the same name by its count. */
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

/** A cell of a file that has only text. */
export function readText(cell: string) {
  return cell === '' ? undefined : { text: cell, type: typeOfText(cell) };
}
