// Finds out from the beginning of a CSV how it separates its fields.

/** How the fields of a CSV are separated. */
export interface Separation {
  /** One character. */
  delimiter: string;
  /** True if the first line is `sep=` and a delimiter, which Excel reads and does not show. It is no record. */
  sepLine: boolean;
  /** True if spaces stand between delimiters and quotes, as in `1, "two, three"`. They do not belong to the fields. */
  spaced: boolean;
}

/** The comma is last, because it is also part of numbers. */
const CANDIDATES = [';', '\t', '|', ','];
const MAX_RECORDS = 50;
const SEP_LINE = /^\ufeff?(?:sep=([^"\r\n])|"sep=([^"\r\n])")[ \t;,]*(?:[\r\n]|$)/iu;

/** `wanted`: the delimiter that the caller names. Otherwise the line `sep=` says it, or the records do. */
export function sniffSeparation(text: string, wanted?: string): Separation {
  const [line, bare, quoted] = text.match(SEP_LINE) ?? [];
  const records = text.slice(line?.length ?? 0);
  const delimiter = wanted ?? bare ?? quoted ?? sniffDelimiter(records);
  return { delimiter, sepLine: line !== undefined, spaced: scan(records, delimiter).spaced };
}

/** The delimiter that splits the first records most evenly into the most fields; a comma when none splits them. */
export function sniffDelimiter(text: string): string {
  let best = { delimiter: ',', evenness: 0, fields: 1 };
  for (const delimiter of CANDIDATES) {
    const { counts, decimal } = scan(text, delimiter);
    const fields = mode(counts);
    if (fields < 2) continue;
    const evenness = counts.filter((count) => count === fields).length / counts.length;
    const better = evenness - best.evenness;
    // `1,5;2,5`: another delimiter is as even, and every comma is in a number.
    if (delimiter === ',' && decimal && best.fields > 1 && better <= 0.05) continue;
    const more = delimiter === ',' ? fields >= best.fields : fields > best.fields;
    if (better > 0.05 || (better > -0.05 && more)) best = { delimiter, evenness, fields };
  }
  return best.delimiter;
}

interface Scan {
  /** The number of fields of each record. */
  counts: number[];
  spaced: boolean;
  /** True if every delimiter stands between two digits. */
  decimal: boolean;
}

/** Splits the first records. A quote at the beginning of a field protects delimiters and line ends up to the next quote. */
function scan(text: string, delimiter: string): Scan {
  const counts: number[] = [];
  let [fields, quoted, begins, empty, spaced, decimal] = [1, false, true, true, false, true];
  for (let at = 0; at < text.length && counts.length < MAX_RECORDS; at++) {
    const character = text[at] as string;
    if (quoted) quoted = character !== '"';
    else if (character === '\n' || character === '\r') {
      if (!empty) counts.push(fields);
      [fields, begins, empty] = [1, true, true];
      continue;
    } else if (character === delimiter) {
      fields++;
      begins = true;
      decimal &&= isDigit(text[at - 1]) && isDigit(text[at + 1]);
    } else if (character === '"' && (begins || text[at - 1] === '"')) {
      quoted = true;
      spaced ||= begins && text[at - 1] === ' ';
      begins = false;
    } else begins &&= character === ' ';
    empty = false;
  }
  // The last record may be cut off by the end of the text, so it counts only when it is the only one.
  return { counts: counts.length > 0 || empty ? counts : [fields], spaced, decimal };
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function mode(counts: number[]): number {
  const tally = new Map<number, number>();
  for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}
