// Reads the chunks of a PNG, and removes those that are not a part of the picture. The PNG decoder inflates colour profiles
// and texts before it looks at a pixel, and 200 KB of them can become 200 MB.

const SIGNATURE_BYTES = 8;
/** The bytes of a chunk besides its data: length, type and checksum. */
const CHUNK_BYTES = 12;

/** The chunks that make up the picture. All others (profiles, texts, EXIF, further frames) are left out. */
const NEEDED = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

export interface PngChunk {
  type: string;
  /** The chunk begins at its length field and ends after its checksum, or at the end of a file that is cut off. */
  start: number;
  end: number;
}

/** The chunks of a PNG in order. A generator, because a hostile file has millions of chunks. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = SIGNATURE_BYTES; start + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const end = Math.min(bytes.length, start + CHUNK_BYTES + view.getUint32(start));
    yield { type, start, end };
    start = end;
  }
}

/** The same picture as a file with only the needed chunks; the file itself when it has no others. */
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
