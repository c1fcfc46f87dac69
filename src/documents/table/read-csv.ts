// Reads CSV and TSV as a stream. It must never hold more than one record and the rows that the result keeps.
import { Buffer } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/stream';
import { DocumentError } from '../document-error.ts';
import { asUtf8, type Decoding, type EncodingFacts, readDecoded } from '../encoding.ts';
import { MAX_RECORD_BYTES, megabytes } from '../limits.ts';
import { HEAD_BYTES } from '../sniff.ts';
import { type ReadOptions, readHead, type Source } from '../source.ts';
import { type Value, valueOfText } from './column.ts';
import { sniffSeparation } from './sniff-delimiter.ts';
import { createTable, readText, type TableFacts } from './table.ts';

export interface CsvFacts extends TableFacts, EncodingFacts {
  /** One character. */
  delimiter: string;
  /** Lines without a character between two rows or above the first. They are no rows. */
  blank_lines: number;
}

export interface CsvReport {
  facts: CsvFacts;
  content: { rows: Value[][] };
}

/** Any mixture of these ends lines. The first one is left when a program writes `\r\n` into a file that it opened as text. */
const LINE_ENDS = ['\r\r\n', '\r\n', '\n', '\r'];

/** @throws DocumentError `field_too_large`, `invalid_csv`, `document_too_large` */
export async function readCsv(source: Source, options: ReadOptions): Promise<CsvReport> {
  const head = await readHead(source, HEAD_BYTES);
  return readDecoded(head, options.encoding, (decoding, encoded) => readAs(source, options, head, decoding, encoded));
}

async function readAs(
  source: Source,
  options: ReadOptions,
  head: Uint8Array,
  decoding: Decoding,
  encoded: EncodingFacts,
): Promise<CsvReport> {
  const { delimiter, sepLine, spaced } = sniffSeparation(
    new TextDecoder(decoding.encoding).decode(head),
    options.delimiter,
  );
  const { maxRows, header } = options;
  const table = createTable<string>({ maxRows, header, mixed: 'string', read: readText });
  let records = 0;
  let blankLines = 0;
  const parser = parse({
    delimiter,
    bom: true,
    ltrim: spaced,
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    // Rows are handled here and not passed on, so that the parser's output queue stays empty.
    on_record: (cells: string[], { empty_lines }) => {
      blankLines = empty_lines;
      if (++records > 1 || !sepLine) table.add(cells);
      return null;
    },
  });
  await feed(parser, asUtf8(await source.open(), decoding), source.size, options).catch(explain);
  const { facts, rows } = table.end();
  const types = facts.columns.map(({ type }) => type);
  const typed = rows.map((cells) => types.map((type, at) => valueOfText(cells[at] ?? '', type)));
  return { facts: { ...facts, delimiter, blank_lines: blankLines, ...encoded }, content: { rows: typed } };
}

async function feed(
  parser: TransformStream,
  chunks: AsyncGenerator<Uint8Array>,
  size: number,
  { onProgress, signal }: ReadOptions,
): Promise<void> {
  const writer = parser.writable.getWriter();
  writer.closed.catch(() => {});
  // Errors of the parser arrive here, also those that it finds only at the end of the text.
  const drained = parser.readable.pipeTo(new WritableStream()).then(
    () => undefined,
    (error: unknown) => error,
  );
  let done = 0;
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      // Only one chunk at a time: the parser's own queue accepts a thousand.
      await writer.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      done += chunk.length;
      onProgress?.(Math.min(done, size), size);
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw (await drained) ?? error;
  }
  const fault = await drained;
  if (fault !== undefined) throw fault;
}

function explain(error: unknown): never {
  if (!(error instanceof CsvError)) throw error;
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    throw new DocumentError(
      'field_too_large',
      `The record at line ${error.lines} is larger than ${megabytes(MAX_RECORD_BYTES)}. A quote that is never closed can cause this.`,
      { cause: error },
    );
  throw new DocumentError('invalid_csv', `The CSV cannot be read: ${error.message}.`, { cause: error });
}
