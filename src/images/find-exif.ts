// Finds the EXIF block of a picture. The library exifr must not do this itself: it keeps a list of all segments of a file, and a
// hostile file has millions of segments.
import { inflateSync } from 'node:zlib';
import { headerSegments } from './jpeg-frame.ts';
import { pngChunks } from './lean-png.ts';
import type { SourceFormat } from './sniff-format.ts';

const APP1 = 0xe1;
/** A segment of a JPEG has at most 64 KiB. PNG and WebP have no such limit. */
const MAX_EXIF_BYTES = 262_144;

/** The TIFF block with the EXIF of a JPEG, PNG or WebP; undefined when there is none or it is larger than MAX_EXIF_BYTES. */
export function findExif(bytes: Uint8Array, format: SourceFormat): Uint8Array | undefined {
  const find = { jpeg: jpegExif, png: pngExif, webp: webpExif, gif: undefined, bmp: undefined }[format];
  const block = find?.(bytes);
  if (!block || block.length > MAX_EXIF_BYTES) return undefined;
  // This prefix belongs to JPEG, but some programs write it in a WebP too.
  return startsWith(block, 'Exif\0\0') ? block.subarray(6) : block;
}

/** @throws ImageError `broken_image` when an earlier segment reaches beyond the end of the file */
function jpegExif(bytes: Uint8Array): Uint8Array | undefined {
  for (const { code, at } of headerSegments(bytes)) {
    const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const segment = bytes.subarray(at + 3, at + 1 + length);
    if (code === APP1 && startsWith(segment, 'Exif\0\0')) return segment;
  }
  return undefined;
}

function pngExif(bytes: Uint8Array): Uint8Array | undefined {
  for (const { type, start, end } of pngChunks(bytes)) {
    if (type === 'eXIf') return bytes.subarray(start + 8, end - 4);
  }
  for (const { type, start, end } of pngChunks(bytes)) {
    const exif = type === 'zTXt' || type === 'tEXt' ? rawProfile(type, bytes.subarray(start + 8, end - 4)) : undefined;
    if (exif) return exif;
  }
  return undefined;
}

/** Older versions of ImageMagick write EXIF as text: a name, a 0, and hexadecimal digits after the number of bytes. */
function rawProfile(type: 'zTXt' | 'tEXt', chunk: Uint8Array): Uint8Array | undefined {
  const name = ['Raw profile type exif\0', 'Raw profile type APP1\0'].find((each) => startsWith(chunk, each));
  if (!name) return undefined;
  const text = type === 'tEXt' ? chunk.subarray(name.length) : inflate(chunk.subarray(name.length + 1));
  const digits = /^\n\w+\n\s*\d+\n([\da-f\n]+)/i.exec(new TextDecoder('latin1').decode(text))?.[1];
  const pairs = digits?.replace(/\n/g, '').match(/../g);
  return pairs ? Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)) : undefined;
}

/** Empty when it is damaged or too large. */
function inflate(packed: Uint8Array): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: 3 * MAX_EXIF_BYTES });
  } catch {
    return new Uint8Array(0);
  }
}

function webpExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (view.getUint32(at) === 0x45584946) return bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, text.length)) === text;
}
