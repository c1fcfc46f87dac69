// What a document is read from: a file that can be opened more than once, so that a large one need not be held in memory.
import { DocumentError } from './document-error.ts';
import type { Encoding } from './encoding.ts';
import { megabytes } from './limits.ts';

export interface Source {
  /** In bytes. */
  size: number;
  /** A stream of all bytes, or of the first `length` bytes. May be called more than once. */
  open(length?: number): Promise<ReadableStream<Uint8Array>>;
}

export interface ReadOptions {
  /** The password of an encrypted PDF. */
  password?: string | undefined;
  /** The sheet of a workbook: its name, or its position from 1. Default: the first visible worksheet. */
  sheet?: string | number | undefined;
  /** How many rows of a table the result contains. */
  maxRows: number;
  /** True if the first row of a table is its header. Default: decided from the row's values. */
  header?: boolean | undefined;
  /** The character between the fields of a CSV. Default: decided from the first records. A text is then read as a CSV. */
  delimiter?: string | undefined;
  /** The encoding of a text without a byte order mark. Default: UTF-8, or windows-1252 if the text is not valid UTF-8. */
  encoding?: Encoding | undefined;
  /** A file of src/documents/assets by its path there; undefined when there is none. PDFs need the character maps. */
  asset?: ((path: string) => Promise<Uint8Array | undefined>) | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** All bytes. Throws DocumentError `document_too_large` beyond `maxBytes`; `kind` is the subject of the message ("A PDF"). */
export async function readWhole(source: Source, maxBytes: number, kind: string): Promise<Uint8Array> {
  if (source.size > maxBytes) throw tooManyBytes(kind, maxBytes, source.size);
  return new Uint8Array(await new Response(await source.open()).arrayBuffer());
}

/** The first `length` bytes, or all of them if there are fewer. */
export async function readHead(source: Source, length: number): Promise<Uint8Array> {
  if (source.size === 0) return new Uint8Array();
  return new Uint8Array(await new Response(await source.open(Math.min(length, source.size))).arrayBuffer());
}

/** Gives the sizes in megabytes, or in bytes if rounding would make them look equal. */
export function tooManyBytes(kind: string, maxBytes: number, size: number): DocumentError {
  const alike = megabytes(maxBytes) === megabytes(size);
  const [most, has] = [maxBytes, size].map((n) => (alike ? `${n.toLocaleString('en')} bytes` : megabytes(n)));
  return new DocumentError('document_too_large', `${kind} may have ${most}; this one has ${has}.`);
}
