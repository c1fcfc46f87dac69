// Decides what the numbers of a JPEG mean. A JPEG need not say it, so this follows what libjpeg does, and so every program.
import { headerSegments, type JpegFrame, startsWith } from './jpeg-frame.ts';
import type { Colour } from './pixels.ts';

const APP0 = 0xe0;
const APP14 = 0xee;

/** Position of the transform in Adobe's segment: 0 means that the colours are stored as they are. */
const ADOBE_TRANSFORM = 14;

/** How the decoder makes these colours of the stored numbers. Inks are stored as their opposite. */
export type ColourConversion = 'none' | 'ycc' | 'inks' | 'ycc-and-ink';

/** The colours of the decoded picture. */
export function coloursOf({ ids }: JpegFrame): Colour {
  if (ids.length === 1) return 'grey';
  return ids.length === 4 ? 'cmyk' : 'rgb';
}

export function conversionOf(bytes: Uint8Array, { ids }: JpegFrame): ColourConversion {
  if (ids.length === 1) return 'none';
  const transform = adobeTransform(bytes);
  if (ids.length === 4) return transform ? 'ycc-and-ink' : 'inks';
  for (const { code, at } of headerSegments(bytes)) {
    if (code === APP0 && startsWith(bytes, at, 'JFIF\0')) return 'ycc';
  }
  if (transform !== undefined) return transform === 0 ? 'none' : 'ycc';
  return String.fromCharCode(...ids) === 'RGB' ? 'none' : 'ycc';
}

/** The transform in Adobe's marker; undefined when the file has no such marker. */
export function adobeTransform(bytes: Uint8Array): number | undefined {
  for (const { code, at } of headerSegments(bytes)) {
    if (code === APP14 && startsWith(bytes, at, 'Adobe')) return bytes[at + ADOBE_TRANSFORM];
  }
  return undefined;
}
