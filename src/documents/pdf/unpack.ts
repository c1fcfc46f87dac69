// Unpacks the streams of a PDF piece by piece, to find their size without holding what is unpacked. The bytes decide how they are
// packed, not the dictionary: zlib, or zlib written as text (ASCII85, ASCIIHex), and all of this again inside.
import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';

type Chunks = AsyncIterable<Uint8Array>;
type Layer = (chunks: Chunks) => Chunks;

/** A stream with more layers than this is not measured. */
export const MAX_LAYERS = 6;
/** Enough bytes to recognize the next layer, also behind white space. */
const HEAD_BYTES = 64;
/** Enough characters to decode two bytes of ASCIIHex or ASCII85, also with white space among them. */
const TEXT_BYTES = 10;
const WHITE_SPACE = new Set([0, 9, 10, 12, 13, 32]);

export interface Unpacked {
  /** The largest size in bytes on any layer, counted up to a little over the limit; 0 when the stream is not packed. */
  size: number;
  /** How often the stream is packed, up to `MAX_LAYERS` + 1. */
  layers: number;
}

export async function measure(packed: Uint8Array, limit: number): Promise<Unpacked> {
  let largest = 0;
  let layer = layerOf(packed);
  const layers: Layer[] = [];
  while (layer) {
    layers.push(layer);
    if (layers.length > MAX_LAYERS) break;
    let size = 0;
    const head: number[] = [];
    for await (const chunk of unpackEach(packed, layers)) {
      size += chunk.length;
      if (head.length < HEAD_BYTES) head.push(...chunk.subarray(0, HEAD_BYTES - head.length));
      if (size > limit) return { size, layers: layers.length };
    }
    largest = Math.max(largest, size);
    layer = size > 0 ? layerOf(Uint8Array.from(head)) : undefined;
  }
  return { size: largest, layers: layers.length };
}

/** True if the bytes are a zlib stream without damage, and nothing else. */
export async function isWhole(packed: Uint8Array): Promise<boolean> {
  try {
    const unpacked = new Response(packed).body?.pipeThrough(new DecompressionStream('deflate'));
    for await (const _ of unpacked ?? []);
    return true;
  } catch {
    return false;
  }
}

/** The pieces of a stream, unpacked once. Ignores a stream that is not packed; ends where a stream is damaged. */
export async function* unpackedOnce(packed: Uint8Array): Chunks {
  const layer = layerOf(packed);
  if (!layer) return;
  yield* unpackEach(packed, layer === inflate ? [layer] : [layer, inflate]);
}

function unpackEach(packed: Uint8Array, layers: readonly Layer[]): Chunks {
  return layers.reduce<Chunks>((chunks, layer) => layer(chunks), only(packed));
}

async function* only(bytes: Uint8Array): Chunks {
  yield bytes;
}

/** How the bytes are packed, by their beginning; undefined when they are not. */
function layerOf(bytes: Uint8Array): Layer | undefined {
  if (isZlib(bytes)) return inflate;
  const start = bytes.findIndex((byte) => !WHITE_SPACE.has(byte));
  const text = bytes.subarray(start, start + TEXT_BYTES);
  if (isZlib(Uint8Array.from(hexBytes()(text)))) return asText(hexBytes);
  return isZlib(Uint8Array.from(base85Bytes()(text))) ? asText(base85Bytes) : undefined;
}

/** PDF.js takes a stream for zlib by the same two bytes. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 15) === 8 && (first * 256 + second) % 31 === 0;
}

async function* inflate(chunks: Chunks): Chunks {
  const source = Readable.from(chunks);
  const unpacker = createInflate();
  // A damaged stream ends at the damage, as in PDF.js.
  for (const stream of [source, unpacker]) stream.on('error', () => {});
  source.pipe(unpacker);
  try {
    yield* unpacker as unknown as Chunks;
  } catch {
  } finally {
    source.destroy();
    unpacker.destroy();
  }
}

/** Decodes pieces of text; keeps what belongs to the next piece. */
type Decoder = () => (text: Uint8Array) => number[];

const MAX_TEXT_PIECE = 65_536;

function asText(decoder: Decoder): Layer {
  return async function* (chunks) {
    const decode = decoder();
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += MAX_TEXT_PIECE)
        yield Uint8Array.from(decode(chunk.subarray(at, at + MAX_TEXT_PIECE)));
    }
  };
}

/** ASCIIHex (ISO 32000-1, 7.4.2). Ignores other characters. */
function hexBytes(): (text: Uint8Array) => number[] {
  let half: number | undefined;
  return (text) => {
    const bytes: number[] = [];
    for (const character of text) {
      const digit = Number.parseInt(String.fromCharCode(character), 16);
      if (Number.isNaN(digit)) continue;
      if (half !== undefined) bytes.push(half * 16 + digit);
      half = half === undefined ? digit : undefined;
    }
    return bytes;
  };
}

/** ASCII85 (ISO 32000-1, 7.4.3). Ignores other characters; leaves out up to 4 bytes at the end. */
function base85Bytes(): (text: Uint8Array) => number[] {
  let digits: number[] = [];
  return (text) => {
    const bytes: number[] = [];
    for (const character of text) {
      if (character === 122 && digits.length === 0) bytes.push(0, 0, 0, 0);
      if (character < 33 || character > 117) continue;
      digits.push(character - 33);
      if (digits.length < 5) continue;
      const value = digits.reduce((sum, digit) => sum * 85 + digit, 0);
      bytes.push(...[24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256));
      digits = [];
    }
    return bytes;
  };
}
