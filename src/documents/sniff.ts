// What a document is, by its first bytes. Never by its name.
import { DocumentError } from './document-error.ts';

export type DocumentKind = 'pdf' | 'xlsx' | 'json' | 'ndjson' | 'csv';

/** How much of a file is looked at. */
export const HEAD_BYTES = 65_536;

/** Media types, for keeping an upload under what it is. */
export const CONTENT_TYPES: Record<DocumentKind, string> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

/** Known, and not read here: first bytes → what the refusal calls it. */
const UNREADABLE: [string, string][] = [
  ['\xd0\xcf\x11\xe0', 'an old Office file or a workbook with a password; save it as .xlsx without one'],
  ['PK\x05\x06', 'an empty ZIP archive'],
  ['\x1f\x8b', 'a gzip archive; send what is in it'],
  ['BZh', 'a bzip2 archive; send what is in it'],
  ['7z\xbc\xaf', 'a 7-Zip archive; send what is in it'],
  ['Rar!', 'a RAR archive; send what is in it'],
  ['PAR1', 'a Parquet file'],
  ['SQLite format 3', 'an SQLite database'],
  ['\x7fELF', 'a program'],
  ['MZ', 'a program'],
  ['{\\rtf', 'an RTF document'],
  ['<!DOCTYPE html', 'a web page'],
  ['<html', 'a web page'],
  ['<?xml', 'an XML document'],
];

/**
 * The kind of a document that begins with these bytes (HEAD_BYTES of them, or all). Any text that is nothing else is a CSV.
 * Throws DocumentError `empty_file` or `unsupported_document`.
 */
export function sniffDocument(head: Uint8Array): DocumentKind {
  if (head.length === 0) throw new DocumentError('empty_file', 'the file is empty: it has no bytes');
  const start = latin1(head.subarray(0, 1_024));
  // Readers accept a PDF that begins within the first 1,024 bytes (ISO 32000-1, annex H.3.4.1).
  if (start.includes('%PDF-')) return 'pdf';
  if (start.startsWith('PK\x03\x04')) return 'xlsx';
  const unreadable = UNREADABLE.find(([bytes]) => start.toLowerCase().startsWith(bytes.toLowerCase()));
  if (unreadable) throw new DocumentError('unsupported_document', `the file is ${unreadable[1]}`);
  const wide = start.startsWith('\xff\xfe') || start.startsWith('\xfe\xff');
  if (!wide && isBinary(head))
    throw new DocumentError('unsupported_document', 'the file is binary, and no PDF, XLSX, picture or text');
  const text = new TextDecoder().decode(head).trimStart();
  if (!wide && (text.startsWith('{') || text.startsWith('['))) return isLineWise(text) ? 'ndjson' : 'json';
  if (text === '') throw new DocumentError('empty_file', 'the file is empty: it has nothing but white space');
  return 'csv';
}

/** Characters that no text has: NUL, or more than a few control characters. */
function isBinary(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) controls++;
  }
  return controls > head.length / 100;
}

/** Is the first line a JSON value of its own, with another one below it? */
function isLineWise(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0 || !/^\s*[{[]/.test(text.slice(end + 1))) return false;
  try {
    JSON.parse(text.slice(0, end));
    return true;
  } catch {
    return false;
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
