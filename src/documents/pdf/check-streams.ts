// Refuses a PDF whose compressed streams would fill the memory, before PDF.js reads it: PDF.js unpacks a stream as a whole.
// The streams are unpacked here piece by piece, and nothing is kept. Weakness: the unpacked size of an encrypted stream
// cannot be known.
import { createInflate } from 'node:zlib';
import { DocumentError } from '../document-error.ts';
import {
  MAX_PDF_IMAGE_STREAM_BYTES,
  MAX_PDF_INFLATED_BYTES,
  MAX_PDF_STREAM_BYTES,
  MAX_PDF_STREAMS,
  megabytes,
} from '../limits.ts';
import { faultOfFilters } from './filters.ts';
import { ReferenceScan, type Run } from './scan-references.ts';
import { unescaped } from './unescaped.ts';

const STREAM = latin1('stream');
const END_OF_STREAM = latin1('endstream');
/** How many bytes before a stream its dictionary is searched for. */
const DICTIONARY_BYTES = 1_024;
/** Deflate reaches 1,032 : 1, so fewer bytes than this unpack to less than a megabyte. */
const SMALL_STREAM_BYTES = 960;

interface PdfStream {
  /** The number of the object that contains the stream. */
  number: number;
  packed: Uint8Array;
  image: boolean;
  /** True for a stream that contains objects. */
  holdsObjects: boolean;
  /** Why the stream may be compressed more than once; undefined when it is not. */
  fault: string | undefined;
}

/** @throws DocumentError `document_too_large` */
export async function checkStreams(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const streams = new Map<number, PdfStream[]>();
  let total = 0;
  let count = 0;
  for (const stream of streamsOf(bytes)) {
    const { number, packed, image, fault } = stream;
    const alike = streams.get(number);
    if (alike) alike.push(stream);
    else streams.set(number, [stream]);
    if (++count > MAX_PDF_STREAMS) throw tooLarge(`The PDF has more than ${MAX_PDF_STREAMS} streams.`);
    const limit = image ? MAX_PDF_IMAGE_STREAM_BYTES : MAX_PDF_STREAM_BYTES;
    if (fault) throw tooLarge(`A stream of the PDF ${fault}, so its size cannot be checked.`);
    if (packed.length <= SMALL_STREAM_BYTES) continue;
    const size = await inflatedSize(packed, limit);
    signal?.throwIfAborted();
    if (size > limit) throw tooLarge(`A stream of the PDF unpacks to more than ${megabytes(limit)}.`);
    if (!image) total += size;
    if (total > MAX_PDF_INFLATED_BYTES)
      throw tooLarge(`The streams of the PDF unpack to more than ${megabytes(MAX_PDF_INFLATED_BYTES)} together.`);
  }
  await checkSequences(bytes, streams, signal);
}

/**
 * Checks the arrays of streams: PDF.js joins all streams that an array lists, such as the contents of a page, and joins a stream
 * that is listed a thousand times a thousand times. Arrays are found between the streams or inside a stream of objects.
 */
async function checkSequences(
  bytes: Uint8Array,
  streams: ReadonlyMap<number, PdfStream[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sizes = new Map<number, number>();
  const sizeOf = async (number: number): Promise<number> => {
    let size = sizes.get(number);
    for (const { packed } of size === undefined ? (streams.get(number) ?? []) : [])
      size = Math.max(size ?? 0, packed.length, await inflatedSize(packed, MAX_PDF_STREAM_BYTES));
    sizes.set(number, size ?? 0);
    return size ?? 0;
  };
  const check = async (run: Run): Promise<void> => {
    let together = 0;
    for (const [number, times] of run) {
      if (streams.has(number)) together += times * (await sizeOf(number));
      if (together > MAX_PDF_STREAM_BYTES) {
        const limit = megabytes(MAX_PDF_STREAM_BYTES);
        throw tooLarge(`Streams of the PDF that are read together unpack to more than ${limit}.`);
      }
    }
  };
  const scan = new ReferenceScan();
  for (const run of scan.feed(bytes)) await check(run);
  for (const run of scan.end()) await check(run);
  for (const { packed, holdsObjects } of [...streams.values()].flat()) {
    if (!holdsObjects) continue;
    signal?.throwIfAborted();
    const inside = new ReferenceScan();
    await inflateEach(packed, async (chunk) => {
      for (const run of inside.feed(chunk)) await check(run);
      return false;
    });
    for (const run of inside.end()) await check(run);
  }
}

/** All streams, including bytes that only look like a stream, so that nothing can hide behind the word "stream". */
function* streamsOf(bytes: Uint8Array): Generator<PdfStream> {
  const scan = new ReferenceScan();
  let scanned = 0;
  let end = 0;
  let previous = 0;
  for (let at = indexOf(bytes, STREAM, 0); at >= 0; at = indexOf(bytes, STREAM, at + 1)) {
    if (String.fromCharCode(...bytes.subarray(Math.max(0, at - 3), at)) === 'end') continue;
    for (const _ of scan.feed(bytes.subarray(scanned, at)));
    scanned = at;
    const between = unescaped(bytes.subarray(at < end ? previous : end, at));
    let start = at + STREAM.length;
    if (bytes[start] === 13) start++;
    if (bytes[start] === 10) start++;
    if (end < start) end = indexOf(bytes, END_OF_STREAM, start);
    if (end < 0) end = bytes.length;
    previous = start;
    const near = bytes.subarray(Math.max(0, at - DICTIONARY_BYTES), at);
    const dictionary = unescaped(near.subarray(String.fromCharCode(...near).lastIndexOf(' obj') + 1));
    // The dictionary may say that the stream continues after the first `endstream`.
    const length = Math.max(end - start, Number(/\/Length\s+(\d+)/.exec(dictionary)?.[1] ?? 0));
    yield {
      number: scan.object,
      packed: bytes.subarray(start, start + length),
      image: /\/Subtype\s*\/Image\b/.test(dictionary),
      holdsObjects: between.includes('/ObjStm') || dictionary.includes('/ObjStm'),
      fault: faultOfFilters(dictionary, between),
    };
  }
}

/** The unpacked size of a zlib stream in bytes, counted up to a little over `limit`; 0 when it is not a zlib stream. */
async function inflatedSize(packed: Uint8Array, limit: number): Promise<number> {
  let size = 0;
  await inflateEach(packed, (chunk) => {
    size += chunk.length;
    return size > limit;
  });
  return size;
}

/** Unpacks a zlib stream piece by piece until it ends, is damaged, or `take` returns true. Ignores other data. */
async function inflateEach(packed: Uint8Array, take: (chunk: Uint8Array) => boolean | Promise<boolean>): Promise<void> {
  const [first = 0, second = 0] = packed;
  if ((first & 15) !== 8 || (first * 256 + second) % 31 !== 0) return;
  const inflate = createInflate();
  inflate.end(packed);
  const chunks = inflate[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next = () => chunks.next().catch(() => ({ done: true as const, value: undefined }));
  for (let chunk = await next(); !chunk.done; chunk = await next()) {
    if (await take(chunk.value)) return void inflate.destroy();
  }
}

function tooLarge(message: string): DocumentError {
  return new DocumentError('document_too_large', message);
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
