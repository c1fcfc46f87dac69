// document.extract: what an uploaded document holds: the text of a PDF, the rows of a table, the shape of JSON, the size of a
// picture. What it is, its bytes say.
import { z } from 'zod';
import {
  DEFAULT_ROWS,
  DocumentError,
  type DocumentReport,
  HEAD_BYTES,
  MAX_ROWS,
  type ReadOptions,
  readDocument,
  readHead,
  type Source,
} from '../documents/index.ts';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { derivedFilename, type Files, outputKey } from '../files/index.ts';
import { ImageError, type ImageHeader, readHeader, sniffFormat } from '../images/index.ts';

/** What a caller may choose. */
export const extractOptions = z.object({
  /** Of an encrypted PDF. It stays in the task's input: use one made for this. */
  password: z.string().max(200).optional(),
  /** Of a workbook: a name, or a place from 1. */
  sheet: z.union([z.string().max(200), z.int().min(1)]).optional(),
  /** Rows of a table in the result. */
  max_rows: z.int().min(0).max(MAX_ROWS).default(DEFAULT_ROWS),
  /** Is the first row of a table its header? Without it, as it looks. */
  header: z.boolean().optional(),
});

type ImageReport = { kind: 'image'; facts: ImageHeader; content: null };
type Report = DocumentReport | ImageReport;

const kinds = ['pdf', 'csv', 'xlsx', 'json', 'ndjson', 'image'] as const;

export const extractDocument = defineTask({
  name: 'document.extract',
  input: extractOptions.extend({ file: z.string().regex(/^(uploads|outputs)\//, 'must be the key of a file') }),
  output: z.object({
    kind: z.enum(kinds),
    source: z.object({ file: z.string(), filename: z.string(), bytes: z.int() }),
    /** By kind: docs/guides/documents.md. */
    facts: z.custom<Report['facts']>((value) => typeof value === 'object'),
    /** Pages, rows or a sample; null when there are none, or when they are in `content_file`. */
    content: z.custom<Report['content']>((value) => typeof value === 'object'),
    /** Key of a JSON file with the content, when it is large. */
    content_file: z.string().nullable(),
  }),
  queue: 'files',
  timeoutSeconds: 300,
  async run({ file, ...options }, { services: { files }, progress, signal }) {
    const stored = await files.stat(file);
    if (!stored) throw new PermanentFailure(`there is no file ${file}`, 'file_not_found');
    const { password, sheet, max_rows: maxRows, header } = options;
    const onProgress = (done: number, total: number) =>
      progress((90 * done) / total, 'reading', { current: done, total });
    const reading = { password, sheet, maxRows, header, onProgress, signal };
    const report = await read(files, file, stored.size, reading).catch(asPermanent);
    const { password: _, ...shaping } = options;
    const placed = await place(files, report, [stored.etag, shaping], stored.filename);
    const source = { file, filename: stored.filename, bytes: stored.size };
    return { kind: report.kind, source, facts: report.facts, ...placed };
  },
});

/** As for POST /upload/image. */
const MAX_IMAGE_BYTES = 30_000_000;
/** Content that is longer as JSON goes to a file. */
const MAX_INLINE_CHARACTERS = 1_000_000;

function sourceOf(files: Files, key: string, size: number): Source {
  return {
    size,
    async open(length) {
      const span = length === undefined ? undefined : { offset: 0, length };
      const object = await files.open(key, new Headers(), span);
      if (!object || !('body' in object)) throw new DocumentError('empty_file', `the file ${key} is gone`);
      return object.body;
    },
  };
}

async function read(files: Files, key: string, size: number, options: ReadOptions): Promise<Report> {
  const source = sourceOf(files, key, size);
  const head = await readHead(source, HEAD_BYTES);
  if (!sniffFormat(head)) return readDocument(source, options);
  if (size > MAX_IMAGE_BYTES)
    throw new DocumentError('document_too_large', `a picture may have ${MAX_IMAGE_BYTES} bytes; this one has ${size}`);
  const bytes = (await files.read(key))?.bytes ?? head;
  return { kind: 'image', facts: await readHeader(bytes), content: null };
}

async function place(files: Files, { kind, content }: Report, parts: unknown[], filename: string) {
  const json = JSON.stringify(content);
  if (json.length <= MAX_INLINE_CHARACTERS) return { content, content_file: null };
  const key = await outputKey('documents', [kind, ...parts], 'json');
  const about = { filename: derivedFilename(filename, '.json'), contentType: 'application/json' };
  await files.write(key, new TextEncoder().encode(json), about);
  return { content: null, content_file: key };
}

/** Another attempt would meet the same bytes and the same limits. */
function asPermanent(error: unknown): never {
  if (error instanceof DocumentError || error instanceof ImageError)
    throw new PermanentFailure(error.message, error.code, { cause: error });
  throw error;
}
