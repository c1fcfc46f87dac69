// Any document → what it holds. The kind is what the bytes are.
import { DocumentError } from './document-error.ts';
import type { JsonFacts, JsonReport, NdjsonFacts } from './json/read-json.ts';
import { MAX_STREAMED_BYTES, megabytes } from './limits.ts';
import type { PdfReport } from './pdf/read-pdf.ts';
import { type DocumentKind, HEAD_BYTES, sniffDocument } from './sniff.ts';
import { type ReadOptions, readHead, type Source } from './source.ts';
import type { CsvReport } from './table/read-csv.ts';
import type { XlsxReport } from './xlsx/read-xlsx.ts';

/** `facts` are small; `content` is what may be large. */
export type DocumentReport =
  | ({ kind: 'pdf' } & PdfReport)
  | ({ kind: 'csv' } & CsvReport)
  | ({ kind: 'xlsx' } & XlsxReport)
  | ({ kind: 'json' } & JsonReport<JsonFacts>)
  | ({ kind: 'ndjson' } & JsonReport<NdjsonFacts>);

/** Reads a document. Throws DocumentError. The readers are loaded when first needed. */
export async function readDocument(source: Source, options: ReadOptions): Promise<DocumentReport> {
  if (source.size > MAX_STREAMED_BYTES)
    throw new DocumentError(
      'document_too_large',
      `a document may have ${megabytes(MAX_STREAMED_BYTES)}; this one has ${megabytes(source.size)}`,
    );
  const kind = sniffDocument(await readHead(source, HEAD_BYTES));
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
  async json(source) {
    const { readJson } = await import('./json/read-json.ts');
    return { kind: 'json', ...(await readJson(source)) };
  },
  async ndjson(source, options) {
    const { readNdjson } = await import('./json/read-json.ts');
    return { kind: 'ndjson', ...(await readNdjson(source, options)) };
  },
};
