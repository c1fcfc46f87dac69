// Prepares a picture for a document: checks that it is complete, removes its metadata, and unpacks all but a JPEG, so that
// writing the PDF needs no decoder.
import { profileForPdf, readColours, storedColour } from './colour/index.ts';
import { wholeDecoder } from './decode-whole.ts';
import { decodeJpeg, foreseeJpegBytes, jpegSlot } from './jpeg-decoder.ts';
import { checkJpegIsWhole, type JpegFrame, leanJpeg, readJpegFrame } from './jpeg-frame.ts';
import { leanPng } from './lean-png.ts';
import { checkMemory, checkPixels, MAX_IDLE_WASM_BYTES, MAX_PREPARED_BYTES } from './limits.ts';
import { photonSlot } from './photon.ts';
import type { Pixels } from './pixels.ts';
import { checkPngPixels } from './png-frame.ts';
import { type ImageHeader, readHeader } from './read-header.ts';
import { checkAllScans, repairJpeg } from './repair-jpeg.ts';

/** Pixels with 8 bits per channel, row by row, not premultiplied with alpha. */
export interface Channels {
  rgb: Uint8Array;
  /** Absent when the picture is opaque. */
  alpha?: Uint8Array;
}

export type PreparedPicture = Pick<ImageHeader, 'width' | 'height' | 'orientation'> &
  ({ format: 'jpeg'; bytes: Uint8Array; profile?: IccProfile } | ({ format: 'pixels' } & Channels));

/** A colour profile that a document must apply, and the number of its colour components. */
export interface IccProfile {
  bytes: Uint8Array;
  components: number;
}

/**
 * Prepares a picture. A JPEG stays a JPEG, with its colour profile beside it; a PNG, WebP,
 * GIF or BMP becomes its pixels in sRGB; of several frames, the first. The picture is not turned: the result contains its
 * orientation.
 * @param maxPixels the limit for all but a JPEG
 * @throws ImageError, always permanent
 */
export async function preparePicture(
  bytes: Uint8Array,
  { maxPixels }: { maxPixels: number },
): Promise<PreparedPicture> {
  const source = await readHeader(bytes);
  const { format, width, height, orientation } = source;
  if (format === 'jpeg') {
    checkPixels(source);
    const { bytes: jpeg, lacksEnd } = repairJpeg(bytes);
    checkJpegIsWhole(jpeg);
    if (lacksEnd) checkEveryPixel(jpeg, readJpegFrame(jpeg));
    const profile = await profileForPdf(bytes);
    return { format, bytes: leanJpeg(jpeg), width, height, orientation, ...(profile && { profile }) };
  }
  checkPixels(source, maxPixels);
  const file = format === 'png' ? leanPng(bytes) : bytes;
  const decoder = wholeDecoder(file, source, 0);
  const needed = bytes.length + decoder.bytes + 4 * width * height;
  checkMemory(needed, `To unpack ${width}×${height}`, MAX_PREPARED_BYTES);
  if (format === 'png') await checkPngPixels(file);
  const { convert } = await readColours(bytes, format, storedColour(bytes, source));
  try {
    // The frame of a GIF may be larger than its screen, so the decoder says the size.
    const draw = (pixels: Pixels) => ({
      ...split(convert ? convert(pixels) : pixels),
      width: pixels.width,
      height: pixels.height,
    });
    return { format: 'pixels', orientation, ...decoder.decode(draw) };
  } finally {
    photonSlot.trim(MAX_IDLE_WASM_BYTES);
  }
}

/**
 * A JPEG stays as it is, so all of it must be there. The decoder finds what is missing.
 * @throws ImageError `broken_image` if a part is missing, `image_too_large` if it is too large to find out
 */
function checkEveryPixel(jpeg: Uint8Array, frame: JpegFrame): void {
  const needed = jpeg.length + foreseeJpegBytes(frame, 16);
  checkMemory(needed, 'The JPEG lacks its end marker. To check that no part is missing', MAX_PREPARED_BYTES);
  checkAllScans(jpeg);
  try {
    decodeJpeg(jpeg, frame, 16, () => undefined);
  } finally {
    jpegSlot.trim(MAX_IDLE_WASM_BYTES);
  }
}

function split({ data, width, height }: Pixels): Channels {
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  let opaque = true;
  for (let pixel = 0, from = 0, to = 0; pixel < alpha.length; pixel++, from += 4, to += 3) {
    rgb[to] = data[from] ?? 0;
    rgb[to + 1] = data[from + 1] ?? 0;
    rgb[to + 2] = data[from + 2] ?? 0;
    const share = data[from + 3] ?? 255;
    alpha[pixel] = share;
    if (share < 255) opaque = false;
  }
  return opaque ? { rgb } : { rgb, alpha };
}
