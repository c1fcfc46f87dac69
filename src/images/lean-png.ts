// A PNG without what is no part of the picture. Its decoder inflates colour profiles and texts, of which 200 KB can become
// 200 MB, before it looks at a pixel.

const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const CHUNK_BYTES = 12;

/** The chunks that make the picture; all else (profiles, texts, EXIF, further frames) is left out. */
const NEEDED = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** The same picture in a file of the needed chunks only; the file itself when there is nothing to leave out. */
export function leanPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, SIGNATURE_BYTES)];
  let keptBytes = SIGNATURE_BYTES;
  for (let at = SIGNATURE_BYTES; at + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = Math.min(bytes.length, at + CHUNK_BYTES + view.getUint32(at));
    if (NEEDED.has(type)) {
      kept.push(bytes.subarray(at, end));
      keptBytes += end - at;
    }
    at = end;
  }
  if (keptBytes === bytes.length) return bytes;
  const lean = new Uint8Array(keptBytes);
  let to = 0;
  for (const part of kept) {
    lean.set(part, to);
    to += part.length;
  }
  return lean;
}
