// Reads format, size and orientation of a picture. It must never decode a pixel.
import { imageDimensionsFromData } from 'image-dimensions';
import { readBmpFrame } from './bmp-frame.ts';
import { ImageError } from './image-error.ts';
import { gifFrame, webpFrameSizes } from './inner-size.ts';
import { isCutOff } from './is-cut-off.ts';
import { readJpegFrame } from './jpeg-frame.ts';
import type { Size } from './place.ts';
import { readPngFrame } from './png-frame.ts';
import { type Orientation, readOrientation } from './read-orientation.ts';
import { type SourceFormat, sniffFormat, unreadable } from './sniff-format.ts';

/** More bytes than any header needs. The library image-dimensions copies its input. */
const HEADER_BYTES = 4096;

export interface ImageHeader {
  format: SourceFormat;
  /** Pixels as stored, before the orientation is applied. */
  width: number;
  height: number;
  /** EXIF orientation: 1 is upright; with 5 to 8, the upright picture has width and height swapped. */
  orientation: Orientation;
}

/**
 * Reads the header of a picture.
 * @throws ImageError `not_an_image`, `unsupported_image` or `broken_image`
 */
export async function readHeader(bytes: Uint8Array): Promise<ImageHeader> {
  if (bytes.length === 0) throw new ImageError('not_an_image', 'The file is empty.');
  const format = sniffFormat(bytes);
  if (!format) {
    const known = unreadable(bytes);
    if (known) throw new ImageError('unsupported_image', known);
    throw new ImageError('not_an_image', 'The file is not a JPEG, PNG, WebP, GIF or BMP picture.');
  }
  const { width, height } = readSize(bytes, format);
  return { format, width, height, orientation: await readOrientation(bytes, format) };
}

function readSize(bytes: Uint8Array, format: SourceFormat): Size {
  if (format === 'jpeg') return readJpegFrame(bytes);
  if (format === 'png') return readPngFrame(bytes);
  if (format === 'bmp') return readBmpFrame(bytes);
  const size = format === 'gif' ? gifFrame(bytes)?.screen : imageDimensionsFromData(bytes.subarray(0, HEADER_BYTES));
  if (!size || size.width === 0 || size.height === 0) {
    throw new ImageError('broken_image', `The ${format.toUpperCase()} header is damaged: it gives no size.`);
  }
  if (format === 'webp') checkWebp(bytes, size);
  return size;
}

/** Refuses a frame that is larger than the whole picture, which no honest program writes, and a file that is cut off. */
function checkWebp(bytes: Uint8Array, canvas: Size): void {
  const larger = webpFrameSizes(bytes).find(({ width, height }) => width > canvas.width || height > canvas.height);
  if (larger) {
    throw new ImageError(
      'broken_image',
      `The WEBP is damaged: its header says ${canvas.width}×${canvas.height}, but a frame in it is ${larger.width}×${larger.height}.`,
    );
  }
  if (isCutOff.webp(bytes)) {
    throw new ImageError(
      'broken_image',
      'The WebP is damaged: it ends before its end, so part of the picture is missing.',
    );
  }
}
