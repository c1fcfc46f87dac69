// Sums up one column of a table value by value: type, counts, smallest and largest value. It must hold only a limited
// number of values.

export type Value = string | number | boolean | null;
/** `time` is a time of day, `duration` a number of hours, minutes and seconds. Only a workbook has them. */
export type ValueType = 'number' | 'boolean' | 'date' | 'time' | 'duration' | 'string';
export type ColumnType = ValueType | 'mixed' | 'empty';

export interface ColumnSummary {
  name: string;
  type: ColumnType;
  /** Values that are not null. */
  count: number;
  nulls: number;
  distinct: number;
  /** True when there are more distinct values than were counted; `distinct` is then the smallest possible number. */
  distinct_capped: boolean;
  /** For numbers, dates, times and durations only. */
  min?: number | string;
  max?: number | string;
  /** For numbers only. */
  mean?: number;
  /** The number of characters of the longest value. */
  longest: number;
}

export interface Column {
  /** `text` is the value as it is written in the file, `type` its type. */
  add(text: string, type: ValueType): void;
  addNull(count?: number): void;
  summary(name: string): ColumnSummary;
}

/** Longer values are compared by their first characters and their length. */
const MAX_DISTINCT_CHARACTERS = 100;

/** `mixed`: the type of a column whose values have several types. A file format without types calls it `string`. */
export function createColumn(maxDistinct: number, mixed: 'mixed' | 'string'): Column {
  const counts: Partial<Record<ValueType, number>> = {};
  const seen = new Set<string>();
  let capped = false;
  let nulls = 0;
  let longest = 0;
  let sum = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [first, last] = ['', ''];

  const typeOf = (): ColumnType => {
    const types = Object.keys(counts) as ValueType[];
    return types.length > 1 ? mixed : (types[0] ?? 'empty');
  };

  return {
    add(text, type) {
      counts[type] = (counts[type] ?? 0) + 1;
      if (text.length > longest) longest = text.length;
      if (!capped) {
        seen.add(
          text.length > MAX_DISTINCT_CHARACTERS ? `${text.slice(0, MAX_DISTINCT_CHARACTERS)}…${text.length}` : text,
        );
        capped = seen.size > maxDistinct;
      }
      if (type === 'number') {
        const value = Number(text);
        sum += value;
        if (value < least) least = value;
        if (value > most) most = value;
      } else if (type !== 'string' && type !== 'boolean') {
        if (first === '' || isBefore(text, first, type)) first = text;
        if (last === '' || isBefore(last, text, type)) last = text;
      }
    },
    addNull(count = 1) {
      nulls += count;
    },
    summary(name) {
      const type = typeOf();
      const count = Object.values(counts).reduce((total, n) => total + n, 0);
      return {
        name,
        type,
        count,
        nulls,
        distinct: Math.min(seen.size, maxDistinct),
        distinct_capped: capped,
        ...(type === 'number' && { min: least, max: most, mean: sum / count }),
        ...(['date', 'time', 'duration'].includes(type) && { min: first, max: last }),
        longest,
      };
    },
  };
}

/** True if the first text is the earlier or shorter one. Dates and times sort as texts. */
function isBefore(a: string, b: string, type: ValueType): boolean {
  return type === 'duration' ? secondsOf(a) < secondsOf(b) : a < b;
}

/** Example: "-01:30:00" → -5,400. */
function secondsOf(duration: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = duration.replace('-', '').split(':').map(Number);
  return (duration.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60 + seconds);
}

/** A number as data files write it. A text with leading zeros is a name, not a number. */
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** A date in ISO 8601, with or without a time. */
const DATE =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const BOOLEAN = /^(?:true|false)$/i;

/** Any number keeps this many digits in a double. */
const SAFE_DIGITS = 15;

/** The type of a value in a file format that has only text. Spaces around a number, date or boolean do not belong to it. */
export function typeOfText(padded: string): 'number' | 'boolean' | 'date' | 'string' {
  const text = padded.trim();
  const first = text.charCodeAt(0);
  // A digit, a minus sign or a point.
  const digit = (first >= 48 && first <= 57) || first === 45 || first === 46;
  if (digit && text.length <= 40) {
    if (NUMBER.test(text) && survives(text)) return 'number';
    return DATE.test(text) ? 'date' : 'string';
  }
  return text.length <= 5 && BOOLEAN.test(text) ? 'boolean' : 'string';
}

/** A smaller number loses digits. */
const SMALLEST_NUMBER = 2.3e-308;

/**
 * True if the number keeps all digits of the text. An integer with more than 15 digits is a name. A fraction must be one that a
 * program wrote from a double, with up to 17 digits or exactly; any other fraction would lose digits.
 */
function survives(text: string): boolean {
  const digits = text.replace(/[eE].*|\D/g, '');
  const size = Math.abs(Number(text));
  if (size === Number.POSITIVE_INFINITY || (size < SMALLEST_NUMBER && /[1-9]/.test(digits))) return false;
  if (digits.length <= SAFE_DIGITS) return true;
  if (!text.includes('.')) return false;
  const significant = digits.replace(/^0+|0+$/g, '');
  if (significant.length <= SAFE_DIGITS) return true;
  const kept = Number(text).toPrecision(significant.length);
  return kept.replace(/e.*|\D/g, '').replace(/^0+/, '') === significant;
}

/** The value of a text in a column of this type. Dates stay texts. */
export function valueOfText(text: string, type: ColumnType): Value {
  if (text === '') return null;
  if (type === 'number') return Number(text);
  if (type === 'boolean') return text.trim().toLowerCase() === 'true';
  return type === 'date' ? text.trim() : text;
}
