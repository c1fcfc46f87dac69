// Decides whether a text is JSON lines (one record per line) rather than one JSON value. Damaged lines do not decide it.
import { MAX_LINE_CHARACTERS } from '../limits.ts';
import { scanJson } from './scan.ts';

/** A text with fewer lines may consist of damaged lines only, so it is not decided yet. */
const TELLING_LINES = 10;

/**
 * True if the first line is a record and another line follows, or if most lines are records. One JSON value over several lines
 * never is: a comma must be between two of its lines that are records. `cut`: the text continues, and its last line is not
 * complete. Returns undefined when a line begins like a record and there are too few lines to decide.
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
    // The first line is a record, and a second line has begun.
    if (lines === 1 && records === 1) return true;
    if (next < 0 && cut) break;
    lines++;
    if (isRecord(line)) records++;
  }
  if (lines > 1 && records * 2 > lines) return true;
  return cut && begun && lines < TELLING_LINES ? undefined : false;
}

/** True for a line that is a JSON object or array. */
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
