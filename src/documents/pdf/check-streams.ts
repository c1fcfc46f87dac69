// Refuses a PDF whose compressed streams would fill the memory, before PDF.js reads it: PDF.js unpacks a stream as a whole.
// The streams are unpacked here piece by piece, and nothing is kept. Weakness: the unpacked size of an encrypted stream
// cannot be known.
import { DocumentError } from '../document-error.ts';
import {
  MAX_PDF_IMAGE_STREAM_BYTES,
  MAX_PDF_INFLATED_BYTES,
  MAX_PDF_STREAM_BYTES,
  MAX_PDF_STREAMS,
  megabytes,
} from '../limits.ts';
import { type Filters, filtersOf, namesUnmeasured } from './filters.ts';
import { ReferenceScan, type Run } from './scan-references.ts';
import { unescaped } from './unescaped.ts';
import { isWhole, MAX_LAYERS, measure, type Unpacked, unpackedOnce } from './unpack.ts';

const STREAM = latin1('stream');
const END_OF_STREAM = latin1('endstream');
/** How many bytes before a stream its dictionary is searched for. */
const DICTIONARY_BYTES = 1_024;
/** Deflate reaches 1,032 : 1, so fewer bytes than this unpack to less than a megabyte. */
const SMALL_STREAM_BYTES = 960;

/** How many bytes are searched at once. */
const PIECE_BYTES = 1_000_000;

interface PdfStream {
  /** The number of the object that contains the stream. */
  number: number;
  packed: Uint8Array;
  /** The same bytes without those that follow the stream, as far as its dictionary says where it ends. */
  exact: Uint8Array;
  image: boolean;
  /** True for a stream that contains objects. */
  holdsObjects: boolean;
  /** True for a file that is attached to the PDF. */
  attached: boolean;
  filters: Filters;
}

export interface StreamFacts {
  /** The unpacked size of all attached files together. */
  attachedBytes: number;
  /** The number of references in the longest list. */
  longestList: number;
}

/** @throws DocumentError `document_too_large` or `unmeasurable_pdf` */
export async function checkStreams(bytes: Uint8Array, signal?: AbortSignal): Promise<StreamFacts> {
  const streams = new Map<number, PdfStream[]>();
  let total = 0;
  let count = 0;
  let attachedBytes = 0;
  let elsewhere = false;
  for (const stream of streamsOf(bytes)) {
    const { number, packed, image, attached, filters } = stream;
    const alike = streams.get(number);
    if (alike) alike.push(stream);
    else streams.set(number, [stream]);
    if (++count > MAX_PDF_STREAMS) throw tooLarge(`The PDF has more than ${MAX_PDF_STREAMS} streams.`);
    const limit = image ? MAX_PDF_IMAGE_STREAM_BYTES : MAX_PDF_STREAM_BYTES;
    if (filters.fault) throw unmeasurable(filters.fault);
    elsewhere ||= filters.elsewhere;
    if (attached) attachedBytes += packed.length;
    if (packed.length <= SMALL_STREAM_BYTES && !filters.layered) continue;
    const { size, layers } = await sizeOf(packed, limit);
    signal?.throwIfAborted();
    // PDF.js would wait for ever for the second layer.
    if (layers > 1 && filters.layered && size <= limit && !(await isWhole(stream.exact)))
      throw unmeasurable('is compressed more than once and damaged');
    if (attached) attachedBytes += Math.max(0, size - packed.length);
    if (size > limit) throw tooLarge(`A stream of the PDF unpacks to more than ${megabytes(limit)}.`);
    if (!image) total += size;
    if (total > MAX_PDF_INFLATED_BYTES)
      throw tooLarge(`The streams of the PDF unpack to more than ${megabytes(MAX_PDF_INFLATED_BYTES)} together.`);
  }
  if (elsewhere && (await mayBeUnmeasured(bytes, streams)))
    throw unmeasurable('has its filters in another object, and the PDF names other filters than Flate');
  return { attachedBytes, longestList: await checkSequences(bytes, streams, signal) };
}

async function sizeOf(packed: Uint8Array, limit: number): Promise<Unpacked> {
  const unpacked = await measure(packed, limit);
  if (unpacked.layers > MAX_LAYERS) throw unmeasurable(`is compressed more than ${MAX_LAYERS} times`);
  return unpacked;
}

/** True if the PDF names, anywhere, a filter that compresses and is not measured. */
async function mayBeUnmeasured(bytes: Uint8Array, streams: ReadonlyMap<number, PdfStream[]>): Promise<boolean> {
  const overlap = 64;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (namesUnmeasured(unescaped(bytes.subarray(Math.max(0, at - overlap), at + PIECE_BYTES)))) return true;
  }
  for (const { packed, holdsObjects } of [...streams.values()].flat()) {
    if (!holdsObjects) continue;
    let end = '';
    for await (const chunk of unpackedOnce(packed)) {
      const text = end + unescaped(chunk);
      if (namesUnmeasured(text)) return true;
      end = text.slice(-overlap);
    }
  }
  return false;
}

/**
 * Checks the arrays of streams: PDF.js joins all streams that an array lists, such as the contents of a page, and joins a stream
 * that is listed a thousand times a thousand times. Arrays are found between the streams or inside a stream of objects.
 * Returns the number of references in the longest list.
 */
async function checkSequences(
  bytes: Uint8Array,
  streams: ReadonlyMap<number, PdfStream[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sizes = new Map<number, number>();
  let longest = 0;
  const sizeOfObject = async (number: number): Promise<number> => {
    let size = sizes.get(number);
    for (const { packed } of size === undefined ? (streams.get(number) ?? []) : [])
      size = Math.max(size ?? 0, packed.length, (await sizeOf(packed, MAX_PDF_STREAM_BYTES)).size);
    sizes.set(number, size ?? 0);
    return size ?? 0;
  };
  const check = async (run: Run): Promise<void> => {
    let together = 0;
    let listed = 0;
    for (const [number, times] of run) {
      listed += times;
      if (streams.has(number)) together += times * (await sizeOfObject(number));
      if (together > MAX_PDF_STREAM_BYTES) {
        const limit = megabytes(MAX_PDF_STREAM_BYTES);
        throw tooLarge(`Streams of the PDF that are read together unpack to more than ${limit}.`);
      }
    }
    longest = Math.max(longest, listed);
  };
  const scan = new ReferenceScan();
  for (const run of scan.feed(bytes)) await check(run);
  for (const run of scan.end()) await check(run);
  for (const { packed, holdsObjects } of [...streams.values()].flat()) {
    if (!holdsObjects) continue;
    signal?.throwIfAborted();
    const inside = new ReferenceScan();
    for await (const chunk of unpackedOnce(packed)) for (const run of inside.feed(chunk)) await check(run);
    for (const run of inside.end()) await check(run);
  }
  return longest;
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
    const stated = /\/Length\s+(\d+)\b(?!\s+\d+\s+R)/.exec(dictionary)?.[1];
    const lineEnd = bytes[end - 1] !== 10 ? 0 : bytes[end - 2] === 13 ? 2 : 1;
    yield {
      number: scan.object,
      packed: bytes.subarray(start, start + length),
      exact: bytes.subarray(start, stated === undefined ? end - lineEnd : start + Number(stated)),
      image: /\/Subtype\s*\/Image\b/.test(dictionary),
      holdsObjects: between.includes('/ObjStm') || dictionary.includes('/ObjStm'),
      attached: /\/(?:EmbeddedFile|Params)\b/.test(dictionary),
      filters: filtersOf(dictionary, between),
    };
  }
}

function tooLarge(message: string): DocumentError {
  return new DocumentError('document_too_large', message);
}

function unmeasurable(fault: string): DocumentError {
  return new DocumentError(
    'unmeasurable_pdf',
    `A stream of the PDF ${fault}, so its unpacked size cannot be measured.`,
  );
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
