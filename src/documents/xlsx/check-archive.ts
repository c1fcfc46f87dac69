// Checks a workbook before it is unpacked, by the sizes that its central directory declares. The reader never unpacks an
// entry beyond its declared size, so the check holds.
import { DocumentError } from '../document-error.ts';
import {
  MAX_ZIP_ENTRIES,
  MAX_ZIP_ENTRY_BYTES,
  MAX_ZIP_PARSED_BYTES,
  MAX_ZIP_RATIO,
  MAX_ZIP_TOTAL_BYTES,
  megabytes,
} from '../limits.ts';

export interface Entry {
  name: string;
  packedBytes: number;
  bytes: number;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
/** A comment of up to 65,535 bytes may follow the end record. */
const MAX_TAIL_BYTES = 65_535 + END_BYTES;
/** Below this size, no ratio is dangerous. */
const SMALL_ENTRY_BYTES = 1_000_000;

/** @throws DocumentError `invalid_xlsx`, `document_too_large`, or `unsupported_document` for another kind of ZIP archive */
export function checkArchive(bytes: Uint8Array): void {
  const entries = readDirectory(bytes);
  const names = entries.map(({ name }) => name);
  if (names.includes('EncryptedPackage') || !names.includes('[Content_Types].xml') || !names.some(isWorkbook))
    throw new DocumentError('unsupported_document', `The file is a ZIP archive, not an XLSX workbook${guess(names)}.`);
  let total = 0;
  for (const { name, packedBytes, bytes } of entries) {
    total += bytes;
    const limit = isSheet(name) ? MAX_ZIP_ENTRY_BYTES : isParsed(name) ? MAX_ZIP_PARSED_BYTES : MAX_ZIP_ENTRY_BYTES;
    if (bytes > limit || total > MAX_ZIP_TOTAL_BYTES)
      throw new DocumentError(
        'document_too_large',
        bytes > limit
          ? `${shown(name)} of the workbook unpacks to ${megabytes(bytes)}; the limit is ${megabytes(limit)}.`
          : `The workbook unpacks to more than ${megabytes(MAX_ZIP_TOTAL_BYTES)}.`,
      );
    // An entry without a declared size would not be limited by the reader.
    if ((bytes === 0 && packedBytes > 2) || (bytes > SMALL_ENTRY_BYTES && bytes > packedBytes * MAX_ZIP_RATIO))
      throw new DocumentError(
        'document_too_large',
        `${shown(name)} of the workbook is compressed by more than ${MAX_ZIP_RATIO} : 1, as in a ZIP bomb.`,
      );
  }
}

function readDirectory(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff)
    throw damaged('it is a ZIP64 archive, which no workbook of this size needs');
  if (count > MAX_ZIP_ENTRIES)
    throw new DocumentError(
      'document_too_large',
      `The workbook has ${count} entries; the limit is ${MAX_ZIP_ENTRIES}.`,
    );
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw damaged('its list of contents is broken');
    const nameBytes = view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
    });
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - MAX_TAIL_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  throw damaged('it is cut off: the list of its contents, at its end, is missing');
}

function isWorkbook(name: string): boolean {
  return /^xl\/workbook\d*\.xml$/.test(name);
}

function isSheet(name: string): boolean {
  return /^xl\/worksheets\/[^/]+\.xml$/.test(name);
}

/** True for a part that is read into a tree, which takes many times its bytes. */
function isParsed(name: string): boolean {
  return /\.(xml|rels)$/i.test(name);
}

function guess(names: string[]): string {
  if (names.includes('word/document.xml')) return ': it is a Word document';
  if (names.includes('ppt/presentation.xml')) return ': it is a PowerPoint presentation';
  return names.includes('content.xml') ? ': it is an OpenDocument file' : '';
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function damaged(why: string): DocumentError {
  return new DocumentError('invalid_xlsx', `The workbook is damaged: ${why}.`);
}
