// Reads the structure of a JPEG (ITU T.81, annex B): its size, its coding process, and whether it is complete. Decodes no pixels.
import { ImageError } from './image-error.ts';

export interface JpegFrame {
  width: number;
  height: number;
  progressive: boolean;
  /** All colours are in one scan. Otherwise, the decoder holds the coefficients of the whole picture. */
  inOneScan: boolean;
  /** One entry for each colour component, with its share of the blocks: 4:2:0 has 2×2, 1×1 and 1×1. */
  sampling: { horizontal: number; vertical: number }[];
  /** The identifier of each component. Some programs name them R, G and B. */
  ids: number[];
  /** The number of the quantization table of each component. */
  quantization: number[];
}

/** The code of a marker (the byte after 0xFF), and the index of that byte. */
interface Marker {
  code: number;
  at: number;
}

/**
 * A progressive picture has about ten scans. Each one covers the whole picture, so thousands of empty ones would take
 * minutes.
 */
const MAX_SCANS = 100;

/** The kinds of frames that are not read, by their markers (ITU-T T.81, table B.1). */
const KINDS: Record<number, string> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'hierarchical',
  201: 'coded arithmetically',
  202: 'coded arithmetically',
  203: 'coded arithmetically',
  205: 'hierarchical',
  206: 'hierarchical',
  207: 'hierarchical',
};

const SOS = 0xda;
const EOI = 0xd9;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

/**
 * Reads the frame header, and how the first scan begins.
 * @throws ImageError `broken_image` if there is none, `unsupported_image` for lossless, arithmetic or 12-bit JPEG
 */
export function readJpegFrame(bytes: Uint8Array): JpegFrame {
  for (const { code, at } of headerSegments(bytes)) {
    if (!isFrameHeader(code)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at + 1, segmentLength(bytes, at));
    const count = view.byteLength < 8 ? 0 : view.getUint8(7);
    if (count === 0 || view.byteLength < 8 + 3 * count) break;
    checkKind(code, view.getUint8(2), count);
    const components = Array.from({ length: count }, (_, index) => readComponent(view, 8 + 3 * index));
    const sampling = components.map(({ horizontal, vertical }) => ({ horizontal, vertical }));
    const [width, height] = [view.getUint16(5), view.getUint16(3)];
    const isPossible =
      view.getUint8(2) === 8 &&
      sampling.every((share) => Object.values(share).every((factor) => factor >= 1 && factor <= 4));
    if (width === 0 || height === 0 || !isPossible) break;
    const progressive = code === 0xc2;
    return {
      ...{ width, height, progressive, inOneScan: !progressive && membersOfFirstScan(bytes) === count },
      // The only component has the size of the picture, whatever its factors are.
      sampling: count === 1 ? [{ horizontal: 1, vertical: 1 }] : sampling,
      ids: components.map(({ id }) => id),
      quantization: components.map(({ table }) => table),
    };
  }
  throw broken('it has no proper frame header');
}

/** The largest share of the blocks in each direction. */
export function mostSampling({ sampling }: JpegFrame): JpegFrame['sampling'][number] {
  return {
    horizontal: Math.max(...sampling.map((component) => component.horizontal)),
    vertical: Math.max(...sampling.map((component) => component.vertical)),
  };
}

function readComponent(view: DataView, at: number) {
  const factors = view.getUint8(at + 1);
  return { id: view.getUint8(at), horizontal: factors >> 4, vertical: factors & 15, table: view.getUint8(at + 2) };
}

/** @throws ImageError `unsupported_image` */
function checkKind(code: number, bits: number, components: number): void {
  const kind = KINDS[code] ?? (bits === 12 ? '12-bit' : undefined);
  if (kind) {
    const message = `This JPEG is ${kind}. Only 8-bit baseline and progressive JPEG with Huffman codes can be read.`;
    throw new ImageError('unsupported_image', message);
  }
  if (![1, 3, 4].includes(components)) {
    throw new ImageError('unsupported_image', `A JPEG of ${components} colour components cannot be read.`);
  }
}

/** 0 if there is no scan. */
function membersOfFirstScan(bytes: Uint8Array): number {
  for (const { code, at } of segmentsOf(bytes)) if (code === SOS) return bytes[at + 3] ?? 0;
  return 0;
}

/** The position of the first scan, which is after all headers. */
export function firstScanAt(bytes: Uint8Array): number {
  for (const { code, at } of segments(bytes)) if (code === SOS) return at - 1;
  throw broken('it has no scan');
}

/**
 * Walks over all scans up to the end marker, to tell a complete picture from one that is cut off or overwritten: decoders fill
 * the missing part with grey. Bytes after the end marker (padding, a second picture, a video) are ignored. Weakness: damage that
 * looks like picture data is not found.
 * @throws ImageError `broken_image`
 */
export function checkJpegIsWhole(bytes: Uint8Array): void {
  let scans = 0;
  for (const { code } of segments(bytes)) {
    if (code === SOS && ++scans > MAX_SCANS) throw broken(`it has more than ${MAX_SCANS} scans`);
    const isSegment = code === 0xc4 || (code >= SOS && code <= 0xef) || code === 0xfe || isFrameHeader(code);
    if (!isSegment) throw broken(`there is a marker 0xff${code.toString(16)} within the picture data`);
  }
}

/**
 * The same picture without metadata: no EXIF (which may contain the place), previews, colour profiles and comments, and nothing
 * after the end marker. The segments of JFIF and Adobe stay, because decoders need them to know the colours.
 * @throws ImageError `broken_image` if the end marker is missing
 */
export function leanJpeg(bytes: Uint8Array): Uint8Array {
  const lean = new Uint8Array(bytes.length);
  let [from, to, last] = [0, 0, 2];
  const keep = (end: number) => {
    lean.set(bytes.subarray(from, end), to);
    to += end - from;
  };
  for (const { code, at } of segments(bytes)) {
    last = at + 1 + segmentLength(bytes, at);
    const isOfColour =
      (code === APP0 && startsWith(bytes, at, 'JFIF\0')) || (code === APP14 && startsWith(bytes, at, 'Adobe'));
    if (!((code >= APP0 && code <= APP15) || code === COM) || isOfColour) continue;
    keep(at - 1);
    from = last;
  }
  keep(nextMarker(bytes, last).at + 1);
  return lean.subarray(0, to);
}

/** The segments before the first scan. */
export function* headerSegments(bytes: Uint8Array): Generator<Marker> {
  for (const marker of segments(bytes)) {
    if (marker.code === SOS) return;
    yield marker;
  }
}

/** All segments, with the end marker if there is one. @throws ImageError `broken_image` when a segment is cut off */
export function* segmentsOf(bytes: Uint8Array): Generator<Marker> {
  for (let marker = findMarker(bytes, 2); marker; ) {
    yield marker;
    if (marker.code === EOI) return;
    marker = findMarker(bytes, marker.at + 1 + segmentLength(bytes, marker.at));
  }
}

/** All segments before the end marker. @throws ImageError `broken_image` when there is none */
export function* segments(bytes: Uint8Array): Generator<Marker> {
  for (let marker = nextMarker(bytes, 2); marker.code !== EOI; ) {
    yield marker;
    marker = nextMarker(bytes, marker.at + 1 + segmentLength(bytes, marker.at));
  }
}

/**
 * The next marker after `from`. Skips picture data: 0xFF00 is an escaped 0xFF, 0xFFD0 to 0xFFD7 are restarts, 0xFFFF is
 * fill.
 */
function nextMarker(bytes: Uint8Array, from: number): Marker {
  const marker = findMarker(bytes, from);
  if (marker) return marker;
  throw broken('it ends before its end marker, so part of the picture is missing');
}

function findMarker(bytes: Uint8Array, from: number): Marker | undefined {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code === undefined) break;
    if (code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7)) return { code, at: at + 1 };
  }
  return undefined;
}

export function segmentLength(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  if (length < 2 || at + 1 + length > bytes.length) throw broken('a segment reaches beyond its end');
  return length;
}

/** True if the contents of the segment begin with `text`. */
export function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return String.fromCharCode(...bytes.subarray(at + 3, at + 3 + text.length)) === text;
}

/** SOF0 to SOF15, without DHT, JPG and DAC, which are in the same range. */
export function isFrameHeader(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function broken(fault: string): ImageError {
  return new ImageError('broken_image', `The JPEG is damaged: ${fault}.`);
}
