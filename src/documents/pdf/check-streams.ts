// Before a PDF is read: would one of its compressed streams burst the memory? PDF.js unpacks a stream whole. The bytes are
// unpacked here piece by piece and thrown away. What an encrypted stream would become cannot be seen.
import { createInflate } from 'node:zlib';
import { DocumentError } from '../document-error.ts';
import { MAX_PDF_IMAGE_STREAM_BYTES, MAX_PDF_INFLATED_BYTES, MAX_PDF_STREAM_BYTES, megabytes } from '../limits.ts';

const STREAM = latin1('stream');
const END_OF_STREAM = latin1('endstream');
/** How far before its bytes a stream's dictionary is looked for. */
const DICTIONARY_BYTES = 1_024;
/** Deflate reaches 1,032 : 1, so that fewer bytes become less than a megabyte. */
const SMALL_STREAM_BYTES = 960;
/** Filters that unpack; a chain of two would have to be unpacked twice to know. */
const PACKING_FILTER = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;

/** Throws DocumentError `document_too_large`. */
export async function checkStreams(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  let total = 0;
  for (const { start, end, dictionary } of streamsOf(bytes)) {
    const image = /\/Subtype\s*\/Image\b/.test(dictionary);
    const limit = image ? MAX_PDF_IMAGE_STREAM_BYTES : MAX_PDF_STREAM_BYTES;
    if ((dictionary.match(PACKING_FILTER)?.length ?? 0) > 1)
      throw new DocumentError('document_too_large', 'a stream of the PDF is compressed more than once');
    if (end - start <= SMALL_STREAM_BYTES) continue;
    const size = await inflatedSize(bytes.subarray(start, end), limit);
    signal?.throwIfAborted();
    if (size > limit)
      throw new DocumentError(
        'document_too_large',
        `a stream of the PDF grows beyond ${megabytes(limit)} when it is unpacked`,
      );
    if (!image) total += size;
    if (total > MAX_PDF_INFLATED_BYTES)
      throw new DocumentError(
        'document_too_large',
        `the PDF grows beyond ${megabytes(MAX_PDF_INFLATED_BYTES)} when it is unpacked`,
      );
  }
}

/** Every stream, with the text before it that holds its dictionary. */
function* streamsOf(bytes: Uint8Array): Generator<{ start: number; end: number; dictionary: string }> {
  for (let at = indexOf(bytes, STREAM, 0); at >= 0; ) {
    let start = at + STREAM.length;
    if (bytes[start] === 13) start++;
    if (bytes[start] === 10) start++;
    const found = indexOf(bytes, END_OF_STREAM, start);
    const end = found < 0 ? bytes.length : found;
    const before = String.fromCharCode(...bytes.subarray(Math.max(0, at - DICTIONARY_BYTES), at));
    yield { start, end, dictionary: before.slice(before.lastIndexOf(' obj') + 1) };
    at = indexOf(bytes, STREAM, end + END_OF_STREAM.length);
  }
}

/** Bytes a zlib stream unpacks to, counted up to a little over `limit`; 0 for what is no zlib stream. */
function inflatedSize(packed: Uint8Array, limit: number): Promise<number> {
  const [first = 0, second = 0] = packed;
  if ((first & 15) !== 8 || (first * 256 + second) % 31 !== 0) return Promise.resolve(0);
  return new Promise((resolve) => {
    let size = 0;
    const inflate = createInflate();
    inflate.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limit) inflate.destroy();
    });
    // What was unpacked until the damage counts.
    inflate.on('error', () => resolve(size));
    inflate.on('close', () => resolve(size));
    inflate.end(packed);
  });
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
