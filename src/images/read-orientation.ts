// Reads the EXIF orientation of a JPEG, PNG or WebP. Damaged EXIF must never make a picture fail: the picture counts as upright.
import { findExif } from './find-exif.ts';
import type { SourceFormat } from './sniff-format.ts';

/** EXIF tag 0x0112: 1 upright, 2 mirrored, 3 upside down, …, 6 needs a quarter turn to the right, 8 one to the left. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The orientation in the EXIF of a picture; 1 (upright) when there is none or it is damaged. */
export async function readOrientation(bytes: Uint8Array, format: SourceFormat): Promise<Orientation> {
  const exif = findExif(bytes, format);
  if (!exif) return 1;
  // Loaded with the first picture, because loading it would slow down the start of the Worker.
  const { orientation } = await import('exifr');
  const value = await orientation(exif).catch(() => 1);
  return isOrientation(value) ? value : 1;
}

/** True when the picture is stored on its side, so that the upright width is the stored height. */
export function isQuarterTurn(orientation: Orientation): boolean {
  return orientation >= 5;
}

function isOrientation(value: unknown): value is Orientation {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 8;
}
