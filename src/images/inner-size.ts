// The sizes inside a GIF or WebP. Its header gives the size of the canvas, but a decoder makes room for what the frames
// say of themselves: a canvas of 10×10 may hold a frame that takes a gigabyte.
import type { Size } from './place.ts';

/** GIF: an image descriptor, an extension. */
export const IMAGE = 0x2c;
export const EXTENSION = 0x21;

/** The size that the first frame of a GIF says it has; undefined when there is none. */
export function gifFrameSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 13 + colourTableBytes(bytes[10] ?? 0);
  while (bytes[at] === EXTENSION) {
    at = endOfBlocks(bytes, at + 2);
  }
  if (bytes[at] !== IMAGE || at + 9 > bytes.length) return undefined;
  return { width: view.getUint16(at + 5, true), height: view.getUint16(at + 7, true) };
}

/** The sizes that all bitstreams of a WebP, those of its frames too, say they have. */
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
    // A frame of an animation: 16 bytes of its own, then chunks like those around it.
    at = name === 'ANMF' ? data + 16 : data + length + (length % 2);
  }
  return sizes;
}

/** Behind blocks of a GIF with their lengths before them, the last of length 0; beyond the end if that is missing. */
export function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let length = bytes[at]; length; length = bytes[at]) at += 1 + length;
  return at + 1;
}

/** Three bytes a colour; 2 to 256 colours, if there is a table. */
export function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
