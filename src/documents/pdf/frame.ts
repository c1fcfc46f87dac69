// Finds where a PDF begins and whether it is whole: some programs write bytes before its header or after its end, and some leave
// out its end mark.
import { Buffer } from 'node:buffer';

/**
 * - `whole`: the end of the file is there, with or without an end mark
 * - `unmarked`: the last object is whole, but nothing follows it: objects may be missing
 * - `cut`: the file ends within an object
 */
export type Ending = 'whole' | 'unmarked' | 'cut';

/** PDF.js looks for the header in the first 1,024 bytes, and counts positions from there. */
const HEADER_BYTES = 1_024;

/** The PDF without what stands before its header, if PDF.js would not find the header. */
export function fromHeader(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('%PDF-', 0, 'latin1');
  return at > HEADER_BYTES - 5 ? bytes.slice(at) : bytes;
}

export function endingOf(bytes: Uint8Array): Ending {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = all.lastIndexOf('endobj', undefined, 'latin1');
  const last = all.lastIndexOf('startxref', undefined, 'latin1');
  if (last > end || (end < 0 && all.includes('%%EOF', 0, 'latin1'))) return 'whole';
  // Searched only up to a limit: behind the last object, a file has little but its table of positions.
  const rest = all.toString('latin1', Math.max(0, end), Math.max(0, end) + 1_000_000);
  if (/\b\d+\s+\d+\s+obj\b/.test(rest)) return 'cut';
  return /\btrailer\b[\s\S]*>>/.test(rest) ? 'whole' : 'unmarked';
}
