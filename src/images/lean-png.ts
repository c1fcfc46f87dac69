// A PNG without what is no part of the picture. Its decoder inflates colour profiles and texts, of which 200 KB can become
// 200 MB, before it looks at a pixel.

const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const CHUNK_BYTES = 12;

/** The chunks that make the picture; all else (profiles, texts, EXIF, further frames) is left out. */
const NEEDED = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

export interface PngChunk {
  type: string;
  /** From its length to behind its checksum, or to the end of a file that is cut off. */
  start: number;
  end: number;
}

/** The chunks of a PNG, in order. One at a time: a hostile file has millions. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = SIGNATURE_BYTES; start + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const end = Math.min(bytes.length, start + CHUNK_BYTES + view.getUint32(start));
    yield { type, start, end };
    start = end;
  }
}

/** The same picture in a file of the needed chunks only; the file itself when there is nothing to leave out. */
export function leanPng(bytes: Uint8Array): Uint8Array {
  let size = SIGNATURE_BYTES;
  for (const { type, start, end } of pngChunks(bytes)) if (NEEDED.has(type)) size += end - start;
  if (size === bytes.length) return bytes;
  const lean = new Uint8Array(size);
  lean.set(bytes.subarray(0, SIGNATURE_BYTES));
  let to = SIGNATURE_BYTES;
  for (const { type, start, end } of pngChunks(bytes)) {
    if (!NEEDED.has(type)) continue;
    lean.set(bytes.subarray(start, end), to);
    to += end - start;
  }
  return lean;
}
