// Finds the delimiter of a CSV from the beginning of the file.

export type Delimiter = ',' | ';' | '\t' | '|';

const CANDIDATES: Delimiter[] = [',', ';', '\t', '|'];
const MAX_RECORDS = 50;

/** The delimiter that splits the first records most evenly into the most fields; a comma when none splits them. */
export function sniffDelimiter(text: string): Delimiter {
  let best: { delimiter: Delimiter; evenness: number; fields: number } = { delimiter: ',', evenness: 0, fields: 1 };
  for (const delimiter of CANDIDATES) {
    const counts = countFields(text, delimiter);
    const usual = mode(counts);
    if (usual < 2) continue;
    const evenness = counts.filter((count) => count === usual).length / counts.length;
    const better = evenness - best.evenness;
    if (better > 0.05 || (better > -0.05 && usual > best.fields)) best = { delimiter, evenness, fields: usual };
  }
  return best.delimiter;
}

/** The number of fields of each record. Quotes protect delimiters and line ends. */
function countFields(text: string, delimiter: string): number[] {
  const counts: number[] = [];
  let fields = 1;
  let quoted = false;
  let empty = true;
  for (let at = 0; at < text.length && counts.length < MAX_RECORDS; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === delimiter) fields++;
    else if (!quoted && (character === '\n' || character === '\r')) {
      if (!empty) counts.push(fields);
      [fields, empty] = [1, true];
      continue;
    }
    empty = false;
  }
  // The last record may be cut off by the end of the text, so it counts only when it is the only one.
  return counts.length > 0 || empty ? counts : [fields];
}

function mode(counts: number[]): number {
  const tally = new Map<number, number>();
  for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}
