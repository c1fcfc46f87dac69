// Reads the sizes inside a GIF or a WebP. The header gives the size of the whole picture, but a decoder reserves memory for
// the sizes that the frames give: a picture of 10×10 pixels may contain a frame that needs a gigabyte.
import type { Size } from './place.ts';

/** The first bytes of blocks in a GIF: an image descriptor and an extension. */
export const IMAGE_BLOCK = 0x2c;
export const EXTENSION_BLOCK = 0x21;

/** The first frame of a GIF: where it begins, its place and size, and the screen that it needs. Undefined when there is no frame. */
export function gifFrame(
  bytes: Uint8Array,
): { at: number; left: number; top: number; size: Size; screen: Size } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 13 + colourTableBytes(bytes[10] ?? 0);
  while (bytes[at] === EXTENSION_BLOCK) {
    at = endOfBlocks(bytes, at + 2);
  }
  if (bytes[at] !== IMAGE_BLOCK || at + 9 > bytes.length) return undefined;
  const number = (from: number) => view.getUint16(from, true);
  const size = { width: number(at + 5), height: number(at + 7) };
  const [left, top] = [number(at + 1), number(at + 3)];
  // Programs show a frame that is larger than its screen whole.
  const screen = {
    width: Math.max(number(6), left + size.width),
    height: Math.max(number(8), top + size.height),
  };
  return { at, left, top, size, screen };
}

/** The sizes that all bitstreams of a WebP give, including those of its animation frames. */
export function webpFrameSizes(bytes: Uint8Array): Size[] {
  const sizes: Size[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const data = at + 8;
    if (name === 'VP8 ' && data + 10 <= bytes.length) {
      sizes.push({ width: view.getUint16(data + 6, true) & 0x3fff, height: view.getUint16(data + 8, true) & 0x3fff });
    }
    if (name === 'VP8L' && data + 5 <= bytes.length) {
      const bits = view.getUint32(data + 1, true);
      sizes.push({ width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 });
    }
    // A frame of an animation has 16 bytes of its own, followed by further chunks.
    at = name === 'ANMF' ? data + 16 : data + length + (length % 2);
  }
  return sizes;
}

/** The position after a sequence of GIF data blocks; beyond the end of the file if the closing block of length 0 is missing. */
export function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let length = bytes[at]; length; length = bytes[at]) at += 1 + length;
  return at + 1;
}

/** The bytes of a GIF colour table: 3 bytes per colour, 2 to 256 colours; 0 when there is no table. */
export function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
