// The door of the document room: writes PDFs, reads PDFs and data files. It must know no tasks, no HTTP and no storage;
// nothing outside imports any other file. The libraries behind it are large, so they are loaded when they are first needed.
import type { DocumentModel } from './model.ts';
import type { WriteOptions, WrittenPdf } from './pdf/write-pdf.ts';

export { DocumentError, type DocumentErrorCode } from './document-error.ts';
export { ENCODINGS, encodingNamed } from './encoding.ts';
export { findLostNumbers, replaceNumbers } from './json/lost-numbers.ts';
export { DEFAULT_ROWS, MAX_PNG_PIXELS, MAX_ROWS } from './limits.ts';
export { DocumentModel } from './model.ts';
export type { Attachment } from './pdf/attachments.ts';
export type { Picture } from './pdf/embed-picture.ts';
export type { WriteOptions, WrittenPdf } from './pdf/write-pdf.ts';
export { type DocumentReport, readDocument } from './read-document.ts';
export { CONTENT_TYPES, type DocumentKind, HEAD_BYTES, sniffDocument } from './sniff.ts';
export { type ReadOptions, readHead, type Source } from './source.ts';

/** Writes a document as a PDF. Throws DocumentError. */
export async function writePdf(model: DocumentModel, options: WriteOptions): Promise<WrittenPdf> {
  const { writePdf } = await import('./pdf/write-pdf.ts');
  return writePdf(model, options);
}
