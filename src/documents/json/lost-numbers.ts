// Finds the integers in a JSON text that a JSON number does not keep. JavaScript reads every number as a double, so
// 1970670598291982290 comes back as 1970670598291982300. A fraction is never lost: it is rounded to the nearest double.

/** Where a number stands in the text. */
export interface Literal {
  start: number;
  end: number;
}

/** A double keeps any number of up to 15 digits, so a shorter literal without an exponent is kept. */
const SAFE_CHARACTERS = 15;
/** True for every text with a longer literal or an exponent, and for a few others. Most texts have neither. */
const MAY_LOSE = /(?:^|[[:,\s])-?(?:\d[\d.]{14,}|[\d.]+[eE])/;

const QUOTE = 34;
const BACKSLASH = 92;

/** The first `max` integers of a JSON text that would come back as another number or as null. */
export function findLostNumbers(text: string, max = Number.POSITIVE_INFINITY): Literal[] {
  const found: Literal[] = [];
  if (!MAY_LOSE.test(text)) return found;
  for (let at = 0; at < text.length && found.length < max; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (beginsNumber(code)) {
      const end = endOfNumber(text, at);
      if (mayLose(text, at, end) && isLost(text.slice(at, end))) found.push({ start: at, end });
      at = end - 1;
    }
  }
  return found;
}

/** The text with these literals replaced. `replacement` gets the literal and its position in the list. */
export function replaceNumbers(
  text: string,
  literals: readonly Literal[],
  replacement: (literal: string, index: number) => string,
): string {
  const parts: string[] = [];
  let from = 0;
  for (const [index, { start, end }] of literals.entries()) {
    parts.push(text.slice(from, start), replacement(text.slice(start, end), index));
    from = end;
  }
  return parts.join('') + text.slice(from);
}

/**
 * Like JSON.parse(), but an integer that a JSON number does not keep becomes the text of its digits. `lost` is the number of
 * these integers.
 */
export function parseJson(text: string): { value: unknown; lost: number } {
  const value: unknown = JSON.parse(text);
  const found = findLostNumbers(text);
  if (found.length === 0) return { value, lost: 0 };
  return { value: JSON.parse(replaceNumbers(text, found, (literal) => `"${literal}"`)), lost: found.length };
}

/** What a report says about the integers that became texts. */
export interface NumberFacts {
  number_note: string | null;
}

export function numberFacts(lost: number): NumberFacts {
  if (lost === 0) return { number_note: null };
  const integers = lost === 1 ? '1 integer has' : `${lost.toLocaleString('en')} integers have`;
  return { number_note: `${integers} more digits than a JSON number keeps, so the digits are given as a text.` };
}

/** True if the literal is an integer, and another number or null would come back. */
function isLost(literal: string): boolean {
  const value = Number(literal);
  if (literal.length <= SAFE_CHARACTERS) return Math.abs(value) === Number.POSITIVE_INFINITY;
  const written = String(value);
  if (written === literal) return false;
  const sent = decimalOf(literal);
  if (!sent || sent.exponent < 0) return false;
  const kept = decimalOf(written);
  return kept?.digits !== sent.digits || kept.exponent !== sent.exponent;
}

/**
 * The number as digits × 10^exponent, without zeros at either end of the digits and without a sign. An integer has no
 * exponent below 0. undefined for a text that is no number in JSON.
 */
function decimalOf(text: string): { digits: string; exponent: number } | undefined {
  const [number, whole = '', fraction = '', power = '0'] =
    text.match(/^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/) ?? [];
  if (number === undefined) return undefined;
  const all = whole + fraction;
  let start = 0;
  while (all[start] === '0') start++;
  if (start === all.length) return { digits: '', exponent: 0 };
  let end = all.length;
  while (all[end - 1] === '0') end--;
  return { digits: all.slice(start, end), exponent: Number(power) - fraction.length + all.length - end };
}

/** False for most numbers, at little cost. */
function mayLose(text: string, start: number, end: number): boolean {
  if (end - start > SAFE_CHARACTERS) return true;
  // The shortest numbers that a double does not hold have five characters, such as 9e308.
  return end - start >= 5 && /[eE]/.test(text.slice(start, end));
}

/** A digit or a minus sign. */
function beginsNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45;
}

/** The first position that belongs to no number: neither a digit nor one of `.`, `e`, `E`, `+` and `-`. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isInNumber(text.charCodeAt(end))) end++;
  return end;
}

function isInNumber(code: number): boolean {
  return beginsNumber(code) || code === 46 || code === 43 || code === 69 || code === 101;
}

/** The position of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); at < text.length && code !== QUOTE; code = text.charCodeAt(at))
    at += code === BACKSLASH ? 2 : 1;
  return at;
}
