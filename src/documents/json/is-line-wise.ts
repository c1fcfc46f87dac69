// Is a text JSON lines, a record a line, rather than one JSON value or none? Damaged lines are for the reader to count.
import { MAX_LINE_CHARACTERS } from '../limits.ts';
import { scanJson } from './scan.ts';

/** Fewer lines than these may all be damaged ones. */
const TELLING_LINES = 10;

/**
 * Is the first line a record with something below it, or are most lines records? One JSON value over several lines never
 * is: between two of its lines that are records stands a comma. `cut`: the text goes on, and its last line is not whole.
 * `undefined`: some line begins like one, and too few are there to say no.
 */
export function isLineWise(text: string, cut = false): boolean | undefined {
  let lines = 0;
  let records = 0;
  let begun = false;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (line === '') continue;
    begun ||= /^[{[]/.test(line);
    // Another line below a record, even a part of one.
    if (lines === 1 && records === 1) return true;
    if (next < 0 && cut) break;
    lines++;
    if (isRecord(line)) records++;
  }
  if (lines > 1 && records * 2 > lines) return true;
  return cut && begun && lines < TELLING_LINES ? undefined : false;
}

/** An object or an array. */
function isRecord(line: string): boolean {
  if (line.length > MAX_LINE_CHARACTERS || !/^(?:\{.*\}|\[.*\])$/s.test(line)) return false;
  try {
    scanJson(line);
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
