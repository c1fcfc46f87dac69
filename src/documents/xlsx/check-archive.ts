// Checks a workbook before it is unpacked, by the sizes that its list of contents gives. No part is unpacked beyond its size, so
// the check holds.
import { DocumentError } from '../document-error.ts';
import {
  MAX_ZIP_ENTRY_BYTES,
  MAX_ZIP_PARSED_BYTES,
  MAX_ZIP_RATIO,
  MAX_ZIP_STRINGS_BYTES,
  MAX_ZIP_TOTAL_BYTES,
  megabytes,
} from '../limits.ts';
import type { Entry } from './archive.ts';

/** Below this size, no ratio is dangerous. */
const SMALL_ENTRY_BYTES = 1_000_000;

/** @throws DocumentError `document_too_large`, or `unsupported_document` for another kind of ZIP archive */
export function checkArchive(entries: readonly Entry[]): void {
  const names = entries.map(({ name }) => name);
  if (!names.includes('[Content_Types].xml') || !names.some(isWorkbook))
    throw new DocumentError('unsupported_document', `The file is a ZIP archive, not an XLSX workbook${guess(names)}.`);
  let total = 0;
  for (const { name, packedBytes, bytes } of entries) {
    total += bytes;
    const limit = limitOf(name);
    if (bytes > limit || total > MAX_ZIP_TOTAL_BYTES)
      throw new DocumentError(
        'document_too_large',
        bytes > limit
          ? `${shown(name)} of the workbook unpacks to ${megabytes(bytes)}; the limit is ${megabytes(limit)}.`
          : `The workbook unpacks to more than ${megabytes(MAX_ZIP_TOTAL_BYTES)}.`,
      );
    if (bytes > SMALL_ENTRY_BYTES && bytes > packedBytes * MAX_ZIP_RATIO)
      throw new DocumentError(
        'document_too_large',
        `${shown(name)} of the workbook is compressed by more than ${MAX_ZIP_RATIO} : 1, as in a ZIP bomb.`,
      );
  }
}

function limitOf(name: string): number {
  if (/(^|\/)sharedStrings[^/]*\.xml$/i.test(name)) return MAX_ZIP_STRINGS_BYTES;
  return isParsed(name) ? MAX_ZIP_PARSED_BYTES : MAX_ZIP_ENTRY_BYTES;
}

function isWorkbook(name: string): boolean {
  return /(^|\/)workbook\d*\.xml$/i.test(name);
}

/** True for the parts of which much is kept in memory: the list of sheets, the relations and the formats. */
function isParsed(name: string): boolean {
  return isWorkbook(name) || /(^|\/)styles\d*\.xml$|\.rels$/i.test(name);
}

function guess(names: string[]): string {
  if (names.includes('word/document.xml')) return ': it is a Word document';
  if (names.includes('ppt/presentation.xml')) return ': it is a PowerPoint presentation';
  if (names.includes('xl/workbook.bin')) return ': it is a binary workbook (XLSB). Save it as .xlsx';
  return names.includes('content.xml') ? ': it is an OpenDocument file' : '';
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
