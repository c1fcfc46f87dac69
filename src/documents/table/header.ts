// Decides whether the first row of a table names its columns. If one of its cells is empty, repeated or no text, the rows below
// it decide.
import type { ValueType } from './column.ts';

/** A cell as it is written, and its type; undefined for an empty cell. */
export type Cell = { text: string; type: ValueType } | undefined;

export interface HeaderDecision {
  header: boolean;
  /** Says why the decision may be wrong; null if the row itself is clear. */
  note: string | null;
}

/** Texts that people write into a cell without a value. */
const PLACEHOLDER = /^(?:n\/?a|#n\/a|nan|null|none|nil|unknown|-+|\?+|\.)$/i;
/** A row of fewer numbers that count up from 0 or 1 may well be data. */
const MIN_RUN = 3;

const NARROW_NOTE =
  'Most rows have more cells than the first row, which was read as the names of the columns. It may be a title. If it is data, set the option "header" to false.';
/** A number or a date as people write it. In data it stays a text, but it is hardly a name. */
const WRITTEN_NUMBER = /^[-+]?\d[\d.,' ]*%?$/;
const WRITTEN_DATE = /^\d{1,4}([-./])\d{1,2}\1\d{1,4}\b/;

/** `body`: the rows below, as many as are known. */
export function decideHeader(top: readonly Cell[], below: readonly (readonly Cell[])[]): HeaderDecision {
  const first = top.map(asWritten);
  const body = below.map((row) => row.map(asWritten));
  const names = first.flatMap((cell) => (cell ? [cell.text.trim()] : []));
  const texts = first.filter((cell) => cell?.type === 'string').length;
  const distinct = new Set(names).size === names.length;
  if (texts === first.length && distinct)
    return { header: first.length > 0, note: isNarrow(first, body) ? NARROW_NOTE : null };
  const labels = hasLabels(first, body);
  const votes = first.map((cell, at) => vote(cell, typeBelow(body, at), labels));
  const forName = votes.filter((side) => side === 'name').length;
  const forData = votes.filter((side) => side === 'data').length;
  const decided = (header: boolean) => ({ header, note: noteOf(first, distinct, header) });
  if (forName && forData) return decided(forName >= forData);
  // A single year may be a name as well.
  if (forData) return areYears(numbersOf(first)) ? decided(false) : { header: false, note: null };
  if (forName) return { header: true, note: null };
  if (labels) return decided(true);
  if (texts < names.length || !mostlyNamed(first, texts, body)) return decided(false);
  return decided(body.length === 0 ? distinct : !first.some((cell, at) => recurs(cell, at, body)));
}

/** True if most rows have more cells, as below a title. */
function isNarrow(first: readonly Cell[], body: readonly (readonly Cell[])[]): boolean {
  return body.filter((row) => row.length > first.length).length * 2 > body.length;
}

function asWritten(cell: Cell): Cell {
  if (cell?.type !== 'string') return cell;
  const text = cell.text.trim();
  if (WRITTEN_DATE.test(text)) return { text, type: 'date' };
  return WRITTEN_NUMBER.test(text) ? { text, type: 'number' } : cell;
}

/** True if most columns have a name. An index in the first column and an empty last column need none. */
function mostlyNamed(first: readonly Cell[], texts: number, body: readonly (readonly Cell[])[]): boolean {
  if (texts * 2 !== first.length) return texts * 2 > first.length;
  return first[0] === undefined || body.every((row) => row[first.length - 1] === undefined);
}

/**
 * True if every row has one cell more than the header, and the first cells count from 0 or 1: the header leaves out the name of
 * the row numbers, as R writes it.
 */
export function lacksIndexName(header: readonly Cell[], body: readonly (readonly Cell[])[]): boolean {
  const from = Number(body[0]?.[0]?.text);
  return (
    (from === 0 || from === 1) &&
    body.every((row, at) => row.length === header.length + 1 && Number(row[0]?.text) === from + at)
  );
}

/** `name`: the cell differs from the values below it as a name does. `data`: it is one more of them. */
function vote(cell: Cell, below: ValueType | undefined, labels: boolean): 'name' | 'data' | undefined {
  if (!cell || !below || PLACEHOLDER.test(cell.text)) return undefined;
  if (cell.type === 'string') return below === 'string' ? undefined : 'name';
  if (cell.type === below) return labels && cell.type === 'number' ? undefined : 'data';
  return below === 'number' ? 'name' : undefined;
}

/** The type of all values of a column that have one; undefined when there are several or none. */
function typeBelow(body: readonly (readonly Cell[])[], at: number): ValueType | undefined {
  const types = new Set(body.flatMap((row) => filled(row[at])?.type ?? []));
  return types.size === 1 ? [...types][0] : undefined;
}

function filled(cell: Cell): Cell {
  return cell && !PLACEHOLDER.test(cell.text.trim()) ? cell : undefined;
}

/**
 * True if the numbers of the first row name columns of other numbers: at least two years in equal steps, or numbers that
 * count from 0 or 1. The values below must not be of the same kind.
 */
function hasLabels(first: readonly Cell[], body: readonly (readonly Cell[])[]): boolean {
  const numbers = numbersOf(first);
  if (body.length === 0 || numbers.length < 2) return false;
  if (areYears(numbers)) {
    const steps = new Set(numbers.slice(1).map((year, at) => year - (numbers[at] as number)));
    const columns = first.flatMap((cell, at) =>
      cell?.type === 'number' ? [numbersOf(body.map((row) => row[at]))] : [],
    );
    return steps.size === 1 && !steps.has(0) && !columns.some(areYears);
  }
  if (!isRun(numbers) || body.some((row) => isRun(numbersOf(row)))) return false;
  // A row of nothing but numbers is data if all rows are integers.
  return numbers.length < first.length || body.some((row) => row.some((cell) => cell && !/^-?\d+$/.test(cell.text)));
}

function numbersOf(row: readonly Cell[]): number[] {
  return row.flatMap((cell) => (cell?.type === 'number' ? [Number(cell.text)] : []));
}

function areYears(numbers: number[]): boolean {
  return numbers.length > 0 && numbers.every((n) => Number.isInteger(n) && n >= 1900 && n <= 2100);
}

function isRun(numbers: number[]): boolean {
  const from = numbers[0];
  return numbers.length >= MIN_RUN && (from === 0 || from === 1) && numbers.every((n, at) => n === from + at);
}

function recurs(cell: Cell, at: number, body: readonly (readonly Cell[])[]): boolean {
  return cell !== undefined && body.some((row) => row[at]?.text === cell.text);
}

function noteOf(first: readonly Cell[], distinct: boolean, header: boolean): string {
  const odd = first.some((cell) => cell && cell.type !== 'string')
    ? 'a value that is no text'
    : distinct
      ? 'an empty cell'
      : 'the same text twice';
  const read = header ? 'it was read as the names of the columns' : 'it was read as data';
  return `The first row has ${odd}. By the rows below, ${read}. If that is wrong, set the option "header".`;
}
