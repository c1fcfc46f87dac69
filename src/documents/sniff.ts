// Finds the kind of a document from its first bytes. It must never use the filename.
import { DocumentError } from './document-error.ts';
import { type Encoding, encodingOf } from './encoding.ts';
import { isLineWise } from './json/is-line-wise.ts';

export type DocumentKind = 'pdf' | 'xlsx' | 'json' | 'ndjson' | 'csv';

/** The number of bytes that are looked at first. */
export const HEAD_BYTES = 65_536;
/**
 * The number of bytes that are looked at if the first ones contain too few lines: a line of NDJSON may have a million
 * characters.
 */
const LONG_HEAD_BYTES = 4_000_000;

/** The media type of each kind, under which an upload is stored. */
export const CONTENT_TYPES: Record<DocumentKind, string> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

/**
 * Known kinds that are not read here: first bytes → the message. Some begin with letters, so they count only in a binary
 * file.
 */
const UNREADABLE_BINARY: [string, string][] = [
  ['\xd0\xcf\x11\xe0', 'an old Office file or a workbook with a password. Save it as .xlsx without a password'],
  ['PK\x05\x06', 'an empty ZIP archive'],
  ['\x1f\x8b', 'a gzip archive. Send the file inside it'],
  ['BZh', 'a bzip2 archive. Send the file inside it'],
  ['7z\xbc\xaf', 'a 7-Zip archive. Send the file inside it'],
  ['Rar!', 'a RAR archive. Send the file inside it'],
  ['PAR1', 'a Parquet file'],
  ['SQLite format 3', 'an SQLite database'],
  ['\x7fELF', 'a program'],
  ['MZ', 'a program'],
];

const UNKNOWN_BINARY =
  'binary, and neither a PDF, an XLSX workbook, a picture nor a text. If it is UTF-16 without a byte order mark, name that in the option "encoding"';

/** A version line and the first object below it. */
const LATE_PDF = /%PDF-\d\.\d\s[\s\S]{0,2000}?\d \d+ obj\b/;

/** The same for texts. */
const UNREADABLE_TEXT: [RegExp, string][] = [
  [/^\{\\rtf/, 'an RTF document'],
  [/^<(?:!DOCTYPE html|html)\b/i, 'a web page'],
  [/^<\?xml\b/i, 'an XML document'],
];

/**
 * The kind of a document of `size` bytes. `head` must return its first `length` bytes. A text that is nothing else is a CSV, and
 * so is any text for which the caller names a delimiter.
 * @throws DocumentError `empty_file` or `unsupported_document`
 */
export async function sniffDocument(
  size: number,
  head: (length: number) => Promise<Uint8Array>,
  told: Told = {},
): Promise<DocumentKind> {
  for (const length of [HEAD_BYTES, LONG_HEAD_BYTES]) {
    const kind = sniffHead(await head(length), size > length, told);
    if (kind) return kind;
  }
  return 'csv';
}

/** What the caller says about a text. */
interface Told {
  encoding?: Encoding | undefined;
  delimiter?: string | undefined;
}

/** The kind by the first bytes. `cut`: more bytes follow. Undefined when they are too few to tell JSON lines from one value. */
function sniffHead(head: Uint8Array, cut: boolean, told: Told): DocumentKind | undefined {
  if (head.length === 0) throw new DocumentError('empty_file', 'The file is empty: it has no bytes.');
  const start = latin1(head.subarray(0, 1_024));
  if (start.startsWith('PK\x03\x04')) return 'xlsx';
  // Readers accept a PDF that begins within the first 1,024 bytes (ISO 32000-1, annex H.3.4.1). Some programs write more before it.
  if (start.includes('%PDF-') || LATE_PDF.test(latin1(head.subarray(0, HEAD_BYTES)))) return 'pdf';
  const encoding = encodingOf(head) ?? told.encoding ?? 'utf-8';
  if (!encoding.startsWith('utf-16') && isBinary(head)) {
    const known = UNREADABLE_BINARY.find(([bytes]) => start.startsWith(bytes));
    throw unsupported(known?.[1] ?? UNKNOWN_BINARY);
  }
  const text = new TextDecoder(encoding).decode(head).trimStart();
  if (text === '') throw new DocumentError('empty_file', 'The file is empty: it contains only white space.');
  const known = UNREADABLE_TEXT.find(([form]) => form.test(text));
  if (known) throw unsupported(known[1]);
  if (told.delimiter !== undefined) return 'csv';
  const lineWise = isLineWise(text, cut);
  if (lineWise === undefined && head.length < LONG_HEAD_BYTES) return undefined;
  if (lineWise) return 'ndjson';
  return /^[{[]/.test(text) ? 'json' : 'csv';
}

function unsupported(what: string): DocumentError {
  return new DocumentError('unsupported_document', `The file is ${what}.`);
}

/** True for bytes that no text contains: NUL, or more than 1 % control characters. */
function isBinary(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) controls++;
  }
  return controls > head.length / 100;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
