// Reads the files that are attached to a PDF, such as the factur-x.xml of an invoice.
import { MAX_PDF_ATTACHED_BYTES, MAX_PDF_ATTACHMENTS, megabytes } from '../limits.ts';
import type { Pdf } from './facts.ts';
import type { AttachedFile } from './interactive.ts';
import type { Losses } from './losses.ts';

export interface Attachment {
  /** Without a path. */
  name: string;
  /** The media type, by the extension of the name. */
  type: string;
  bytes: number;
  content: Uint8Array;
}

/** Media types by extension. Any other file is `application/octet-stream`. */
const TYPES: Record<string, string> = {
  csv: 'text/csv',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** The attached files. `onPages`: those that hang on a place of a page. */
export async function attachmentsOf(pdf: Pdf, onPages: AttachedFile[], losses: Losses): Promise<Attachment[]> {
  const named = (await pdf.getAttachments()) as Record<string, { filename: string; content: Uint8Array | null }> | null;
  const attachments: Attachment[] = [];
  let together = 0;
  for (const { filename, content } of [...Object.values(named ?? {}), ...onPages]) {
    // The warning of PDF.js about a file without content is a loss already.
    if (!content) continue;
    const name = filename.replace(/^.*[/\\]/s, '') || 'attachment';
    // A file that hangs on a page may be in the list of attached files too.
    if (attachments.some((other) => other.name === name && areEqual(other.content, content))) continue;
    together += content.length;
    if (attachments.length >= MAX_PDF_ATTACHMENTS || together > MAX_PDF_ATTACHED_BYTES) {
      const limit = `${MAX_PDF_ATTACHMENTS} attachments or ${megabytes(MAX_PDF_ATTACHED_BYTES)} of them`;
      losses.add(`The PDF has more than ${limit}; "${filename}" was left out.`, null);
      continue;
    }
    attachments.push({ name, type: typeOf(name), bytes: content.length, content });
  }
  return attachments;
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function typeOf(name: string): string {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(TYPES, extension) && TYPES[extension]) || 'application/octet-stream';
}
