// Decides what the numbers of a JPEG mean. A JPEG need not say it, so this follows what libjpeg does, and so every program.
import { headerSegments, type JpegFrame, startsWith } from './jpeg-frame.ts';
import type { Colour } from './pixels.ts';

const APP0 = 0xe0;
const APP14 = 0xee;

/** Position of the transform in Adobe's segment: 0 means that the colours are stored as they are. */
const ADOBE_TRANSFORM = 14;

/** The colours of the decoded numbers, when the decoder converts none. */
export function coloursOf(bytes: Uint8Array, { ids }: JpegFrame): Colour {
  if (ids.length === 1) return 'grey';
  if (ids.length === 4) return 'cmyk';
  for (const { code, at } of headerSegments(bytes)) {
    if (code === APP0 && startsWith(bytes, at, 'JFIF\0')) return 'ycc';
  }
  const transform = adobeTransform(bytes);
  if (transform !== undefined) return transform === 0 ? 'rgb' : 'ycc';
  return String.fromCharCode(...ids) === 'RGB' ? 'rgb' : 'ycc';
}

/** The transform in Adobe's marker; undefined when the file has no such marker. */
export function adobeTransform(bytes: Uint8Array): number | undefined {
  for (const { code, at } of headerSegments(bytes)) {
    if (code === APP14 && startsWith(bytes, at, 'Adobe')) return bytes[at + ADOBE_TRANSFORM];
  }
  return undefined;
}
