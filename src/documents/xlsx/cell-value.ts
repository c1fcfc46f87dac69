// The value of a cell of a workbook, as JSON holds it.
import type { Value, ValueType } from '../table/column.ts';
import { damaged } from './archive.ts';
import type { NumberKind } from './number-format.ts';
import { unescaped } from './text-of.ts';

export interface CellValue {
  value: Exclude<Value, null>;
  text: string;
  type: ValueType;
}

/** What the cells of a sheet refer to. */
export interface CellContext {
  strings: readonly string[];
  kinds: readonly NumberKind[];
  from1904: boolean;
}

export interface RawCell {
  /** The attribute `t`: `s`, `str`, `inlineStr`, `b`, `e`, `d`, `n` or nothing. */
  type: string;
  /** The attribute `s`: the position of its format. */
  style: number;
  /** The text of its element `v`. */
  value: string;
  /** The text of its element `is`. */
  inline: string;
}

const DAY_MS = 86_400_000;
/** The last millisecond of a day. */
const LAST_TIME = 1 - 1 / DAY_MS;
/** The day 9999-12-31, the last that a workbook can have. */
const LAST_DAY = 2_958_465;
/** The day 1000-01-01. Excel shows no date before 1900, but other programs do. */
const FIRST_DAY = -328_716;
/** The first day that is no day of 1900. A smaller number with the format of a time is a sum of times. */
const FIRST_OF_1901 = 367;
/** Workbooks count a day 1900-02-29, which there was not. The days before it are one later than their number says. */
const LEAP_DAY_1900 = 60;
/** From 1900 to 1904. */
const DAYS_TO_1904 = 1_462;

/** Undefined for an empty cell. */
export function valueOfCell({ type, style, value, inline }: RawCell, context: CellContext): CellValue | undefined {
  switch (type) {
    case 's':
      return value === '' ? undefined : ofText(sharedString(value, context.strings));
    case 'inlineStr':
      return ofText(inline);
    case 'str':
      return ofText(unescaped(value));
    case 'e':
      return ofText(value);
    case 'b':
      return value === '' ? undefined : of(/^(?:1|true)$/i.test(value.trim()), 'boolean');
    case 'd':
      return ofIsoDate(value.trim());
    default:
      return ofNumber(value.trim(), context.kinds[style] ?? 'number', context.from1904);
  }
}

function sharedString(value: string, strings: readonly string[]): string {
  const text = strings[Number(value)];
  if (text === undefined) throw damaged(`a cell refers to the text ${value.slice(0, 20)}, which it does not have`);
  return text;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z)?$/;

function ofText(text: string): CellValue | undefined {
  return text === '' ? undefined : of(text, DATE.test(text) ? 'date' : 'string');
}

function of(value: Exclude<Value, null>, type: ValueType): CellValue {
  return { value, text: String(value), type };
}

/** A cell that holds a date as a text in ISO 8601: a date, a time of day, or both. */
function ofIsoDate(text: string): CellValue | undefined {
  const [, day, time] = text.match(/^(\d{4}-\d{2}-\d{2})?(?:T?(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)Z?)?$/) ?? [];
  const [whole = '', fraction = ''] = (time ?? '00:00:00').split('.');
  const clock = `${whole.length === 5 ? `${whole}:00` : whole}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  if (day !== undefined) return of(clock === '00:00:00.000' ? day : `${day}T${clock}Z`, 'date');
  return time === undefined ? ofText(text) : of(clock.replace('.000', ''), 'time');
}

function ofNumber(text: string, kind: NumberKind, from1904: boolean): CellValue | undefined {
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isNaN(number)) return ofText(text);
  // Other programs than Excel write integers that a double does not hold.
  if (/^-?\d{16,}$/.test(text) && BigInt(text) !== BigInt(number)) return of(text, 'string');
  if (kind === 'number' || number > LAST_DAY || number < FIRST_DAY) return of(number, 'number');
  const isSum = kind === 'time' && (number < 0 || (number >= 1 && number < FIRST_OF_1901));
  if (kind === 'duration' || isSum) return of(clockOf(number), 'duration');
  const isTime = number >= 0 && number < 1;
  return isTime ? of(clockOf(Math.min(number, LAST_TIME)), 'time') : of(dateOf(number, from1904), 'date');
}

/** Example: 1.354166666666667 days → "32:30:00". A fraction of a second has 3 digits. */
function clockOf(days: number): string {
  const total = Math.round(Math.abs(days) * DAY_MS);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(total / 3_600_000)}:${two((total / 60_000) % 60)}:${two((total / 1_000) % 60)}`;
  const fraction = total % 1_000;
  return `${days < 0 && total > 0 ? '-' : ''}${clock}${fraction ? `.${String(fraction).padStart(3, '0')}` : ''}`;
}

/** ISO 8601, without the time if it has none. */
function dateOf(days: number, from1904: boolean): string {
  const counted = from1904 ? days + DAYS_TO_1904 : days > 0 && days < LEAP_DAY_1900 ? days + 1 : days;
  const at = new Date(Date.UTC(1899, 11, 30) + Math.round(counted * DAY_MS));
  return at.toISOString().replace('T00:00:00.000Z', '');
}
