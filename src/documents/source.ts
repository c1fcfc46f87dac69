// What a document is read from: a file that can be opened again, so that a large one need not be held.
import { DocumentError } from './document-error.ts';
import { megabytes } from './limits.ts';

export interface Source {
  /** In bytes. */
  size: number;
  /** The bytes from the start, all or so many. May be asked for more than once. */
  open(length?: number): Promise<ReadableStream<Uint8Array>>;
}

export interface ReadOptions {
  /** Of an encrypted PDF. */
  password?: string | undefined;
  /** Of a workbook: its name, or its place from 1. Default: the first. */
  sheet?: string | number | undefined;
  /** Rows of a table that the result keeps. */
  maxRows: number;
  /** Is the first row of a table its header? Default: as it looks. */
  header?: boolean | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** All bytes. Throws DocumentError `document_too_large` beyond `maxBytes`; `kind` opens the sentence that says so. */
export async function readWhole(source: Source, maxBytes: number, kind: string): Promise<Uint8Array> {
  if (source.size > maxBytes) throw tooManyBytes(kind, maxBytes, source.size);
  return new Uint8Array(await new Response(await source.open()).arrayBuffer());
}

/** The first bytes, as many as there are of `length`. */
export async function readHead(source: Source, length: number): Promise<Uint8Array> {
  if (source.size === 0) return new Uint8Array();
  return new Uint8Array(await new Response(await source.open(Math.min(length, source.size))).arrayBuffer());
}

/** In megabytes, or in bytes where rounding would hide the difference. */
export function tooManyBytes(kind: string, maxBytes: number, size: number): DocumentError {
  const alike = megabytes(maxBytes) === megabytes(size);
  const [most, has] = [maxBytes, size].map((n) => (alike ? `${n.toLocaleString('en')} bytes` : megabytes(n)));
  return new DocumentError('document_too_large', `${kind} may have ${most}; this one has ${has}`);
}
