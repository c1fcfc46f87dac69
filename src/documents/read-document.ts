// Reads any document. Its kind is decided by its bytes, never by its name.
import type { JsonReport } from './json/read-json.ts';
import type { NdjsonReport } from './json/read-ndjson.ts';
import { MAX_STREAMED_BYTES } from './limits.ts';
import type { PdfReport } from './pdf/read-pdf.ts';
import { type DocumentKind, sniffDocument } from './sniff.ts';
import { type ReadOptions, readHead, type Source, tooManyBytes } from './source.ts';
import type { CsvReport } from './table/read-csv.ts';
import type { XlsxReport } from './xlsx/read-xlsx.ts';

/** `facts` are small; `content` may be large. */
export type DocumentReport =
  | ({ kind: 'pdf' } & PdfReport)
  | ({ kind: 'csv' } & CsvReport)
  | ({ kind: 'xlsx' } & XlsxReport)
  | JsonReport
  | NdjsonReport;

/** Reads a document. The reader for its kind is loaded when it is first needed. Throws DocumentError. */
export async function readDocument(source: Source, options: ReadOptions): Promise<DocumentReport> {
  if (source.size > MAX_STREAMED_BYTES) throw tooManyBytes('A document', MAX_STREAMED_BYTES, source.size);
  const kind = await sniffDocument(source.size, (length) => readHead(source, length), options);
  return READERS[kind](source, options);
}

const READERS: Record<DocumentKind, (source: Source, options: ReadOptions) => Promise<DocumentReport>> = {
  async pdf(source, options) {
    const { readPdf } = await import('./pdf/read-pdf.ts');
    return { kind: 'pdf', ...(await readPdf(source, options)) };
  },
  async csv(source, options) {
    const { readCsv } = await import('./table/read-csv.ts');
    return { kind: 'csv', ...(await readCsv(source, options)) };
  },
  async xlsx(source, options) {
    const { readXlsx } = await import('./xlsx/read-xlsx.ts');
    return { kind: 'xlsx', ...(await readXlsx(source, options)) };
  },
  async json(source, options) {
    const { readJson } = await import('./json/read-json.ts');
    return readJson(source, options);
  },
  async ndjson(source, options) {
    const { readNdjson } = await import('./json/read-ndjson.ts');
    return readNdjson(source, options);
  },
};
