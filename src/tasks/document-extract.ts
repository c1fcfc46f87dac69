// document.extract: reads what a file contains: the text of a PDF, the rows of a table, the shape of JSON, the size of a picture.
// The kind of a file is decided by its bytes, never by its name.
import { z } from 'zod';
import {
  type Attachment,
  DEFAULT_ROWS,
  DocumentError,
  type DocumentReport,
  ENCODINGS,
  encodingNamed,
  HEAD_BYTES,
  MAX_ROWS,
  type ReadOptions,
  readDocument,
  readHead,
  type Source,
} from '../documents/index.ts';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { derivedFilename, type Files, faultOfFilename, outputKey } from '../files/index.ts';
import { ImageError, type ImageHeader, readHeader, sniffFormat } from '../images/index.ts';
import { lazy } from '../lazy.ts';

/** The options that a caller may set. */
export const extractOptions = lazy(() =>
  z.object({
    /** The password of an encrypted PDF. It is stored in the task's input, so use a password made for this. */
    password: z.string().max(200).optional(),
    /** The sheet of a workbook: its name, or its position from 1. Default: the first visible worksheet. */
    sheet: z.union([z.string().max(200), z.int().min(1)]).optional(),
    /** How many rows of a table the result contains. */
    max_rows: z.int().min(0).max(MAX_ROWS).default(DEFAULT_ROWS),
    /** True if the first row of a table is its header. Default: decided from the row's values. */
    header: z.boolean().optional(),
    /** The character between the fields of a CSV. Default: decided from the first records. */
    delimiter: z
      .string()
      .regex(/^[^"\r\n\0]$/u, 'must be one character, and neither a quote nor a line end')
      .optional(),
    /** The encoding of a text. Default: UTF-8, or windows-1252 if the text is not valid UTF-8. */
    encoding: z
      .string()
      .overwrite(encodingNamed)
      .pipe(z.enum(ENCODINGS))
      .meta({ description: `One of these, or another label of theirs: ${ENCODINGS.join(', ')}` })
      .optional(),
  }),
);

type ImageReport = { kind: 'image'; facts: ImageHeader; content: null };
/** An attached file of a PDF, as it is in the facts. */
interface StoredAttachment {
  name: string;
  /** The media type, by the extension of the name. */
  type: string;
  bytes: number;
  /** The file key of the attached file. */
  file: string;
}

type Extracted = DocumentReport | ImageReport;
type Facts = Extracted['facts'] & { attachments?: StoredAttachment[] };

const kinds = ['pdf', 'csv', 'xlsx', 'json', 'ndjson', 'image'] as const;

export const extractDocument = defineTask({
  name: 'document.extract',
  input: () => extractOptions().extend({ file: z.string().regex(/^(uploads|outputs)\//, 'must be a file key') }),
  output: () =>
    z.object({
      kind: z.enum(kinds),
      source: z.object({ file: z.string(), filename: z.string(), bytes: z.int() }),
      /** Depends on the kind; see docs/guides/documents.md. */
      facts: z.custom<Facts>((value) => typeof value === 'object'),
      /** Pages, rows or a sample; null when the kind has none, or when the content is in `content_file`. */
      content: z.custom<Extracted['content']>((value) => typeof value === 'object'),
      /** File key of a JSON file with the content, when the content is large; otherwise null. */
      content_file: z.string().nullable(),
    }),
  queue: 'files',
  timeoutSeconds: 300,
  async run({ file, ...options }, { services: { files, asset }, progress, signal }) {
    const stored = await files.stat(file);
    if (!stored) throw new PermanentFailure(`There is no file ${file}.`, 'file_not_found');
    const { max_rows: maxRows, ...others } = options;
    const onProgress = (done: number, total: number) =>
      progress((90 * done) / total, 'reading', { current: done, total });
    const reading = { ...others, asset, maxRows, onProgress, signal };
    const report = await read(files, file, stored.size, reading).catch(asPermanent);
    const { password: _, ...shaping } = options;
    const placed = await place(files, report, [stored.etag, shaping], stored.filename);
    const source = { file, filename: stored.filename, bytes: stored.size };
    const facts = 'attachments' in report ? { ...report.facts, ...(await keep(files, report)) } : report.facts;
    return { kind: report.kind, source, facts, ...placed };
  },
});

/** The same limit as for POST /upload/image. */
const MAX_IMAGE_BYTES = 30_000_000;
/** Content with more characters of JSON is written to a file. */
const MAX_INLINE_CHARACTERS = 1_000_000;

function sourceOf(files: Files, fileKey: string, size: number): Source {
  return {
    size,
    async open(length) {
      const span = length === undefined ? undefined : { offset: 0, length };
      const object = await files.open(fileKey, new Headers(), span);
      if (!object || !('body' in object))
        throw new DocumentError('empty_file', `The file ${fileKey} was deleted while it was read.`);
      return object.body;
    },
  };
}

async function read(files: Files, fileKey: string, size: number, options: ReadOptions): Promise<Extracted> {
  const source = sourceOf(files, fileKey, size);
  const head = await readHead(source, HEAD_BYTES);
  if (!sniffFormat(head)) return readDocument(source, options);
  if (size > MAX_IMAGE_BYTES) {
    const message = `A picture may have ${MAX_IMAGE_BYTES} bytes; this one has ${size} bytes.`;
    throw new DocumentError('document_too_large', message);
  }
  const bytes = (await files.read(fileKey))?.bytes ?? head;
  return { kind: 'image', facts: await readHeader(bytes), content: null };
}

/** The content for the result, or the file key of the JSON file that it was written to. */
async function place(files: Files, { kind, content }: Extracted, parts: unknown[], filename: string) {
  const json = JSON.stringify(content);
  if (json.length <= MAX_INLINE_CHARACTERS) return { content, content_file: null };
  const fileKey = await outputKey('documents', [kind, ...parts], 'json');
  const about = { filename: derivedFilename(filename, '.json'), contentType: 'application/json' };
  await files.write(fileKey, new TextEncoder().encode(json), about);
  return { content: null, content_file: fileKey };
}

/** Writes the attached files of a PDF. Equal files have one file key. */
async function keep(files: Files, { attachments }: { attachments: Attachment[] }) {
  const stored: StoredAttachment[] = [];
  for (const { name, type, bytes, content } of attachments) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    const extension = /\.(\w{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? 'bin';
    const fileKey = await outputKey('attachments', [name, [...digest]], extension);
    await files.write(fileKey, content, {
      filename: faultOfFilename(name) ? `attachment.${extension}` : name,
      contentType: type,
    });
    stored.push({ name, type, bytes, file: fileKey });
  }
  return { attachments: stored };
}

/** Makes these errors permanent: another attempt would meet the same bytes and the same limits. */
function asPermanent(error: unknown): never {
  if (error instanceof DocumentError || error instanceof ImageError)
    throw new PermanentFailure(error.message, error.code, { cause: error });
  throw error;
}
