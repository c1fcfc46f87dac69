// The EXIF orientation of a JPEG, PNG or WebP. Damaged EXIF is no reason to refuse a picture: it counts as upright.

import type { SourceFormat } from './sniff-format.ts';

/** EXIF tag 0x0112: 1 upright, 2 mirrored, 3 upside down … 6 a quarter turn to the right is needed … 8 to the left. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export async function readOrientation(bytes: Uint8Array, format: SourceFormat): Promise<Orientation> {
  const exif = exifOf(bytes, format);
  if (!exif) return 1;
  // Loaded with the first picture: it would take a good part of the Worker's start-up.
  const { orientation } = await import('exifr');
  const value = await orientation(exif).catch(() => 1);
  return isOrientation(value) ? value : 1;
}

/** The part of a picture that exifr can read; undefined where a format has none. */
export function exifOf(bytes: Uint8Array, format: SourceFormat): Uint8Array | undefined {
  if (format === 'gif' || format === 'bmp') return undefined;
  return format === 'webp' ? webpExif(bytes) : bytes;
}

/** True when the picture lies on its side, so that upright width is the stored height. */
export function isQuarterTurn(orientation: Orientation): boolean {
  return orientation >= 5;
}

function isOrientation(value: unknown): value is Orientation {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 8;
}

/** The TIFF block in the EXIF chunk of a RIFF file. Some writers keep JPEG's `Exif\0\0` before it. */
function webpExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (view.getUint32(at) === 0x45584946) {
      const chunk = bytes.subarray(at + 8, at + 8 + size);
      return chunk[0] === 0x45 ? chunk.subarray(6) : chunk;
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}
