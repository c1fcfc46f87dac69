// All limits of this room: what an isolate with 128 MB can process. Every check needs only the header of a picture.
import { ImageError } from './image-error.ts';

/** PNG, WebP, GIF and BMP can only be decoded at full size, which takes up to 17 bytes of memory per pixel. */
export const MAX_UNSCALED_PIXELS = 6_000_000;

/** A JPEG is made smaller while it is decoded, so pixels cost time rather than memory. */
export const MAX_JPEG_PIXELS = 100_000_000;

/** The longest side of a picture. JPEG allows no longer one, and some work grows with a side, not with the pixels. */
export const MAX_SIDE = 65_535;

/** The longest side of an output, in pixels. */
export const MAX_OUTPUT_SIDE = 4096;

/** The most memory for one picture, estimated before decoding: WebAssembly memory, the file, and the pixels of the outputs. */
export const MAX_MEMORY_BYTES = 108 * 2 ** 20;

/** The same for a picture that goes into a document; the document is in memory at the same time. */
export const MAX_PREPARED_BYTES = 72 * 2 ** 20;

/** A WebAssembly instance with more memory than this is dropped after the picture, because WebAssembly memory never shrinks. */
export const MAX_IDLE_WASM_BYTES = 16 * 2 ** 20;

/**
 * @throws ImageError `image_too_large` if the header gives more pixels than the limit for its format, or a side that is too
 * long
 */
export function checkPixels(
  header: { format: string; width: number; height: number },
  limit = header.format === 'jpeg' ? MAX_JPEG_PIXELS : MAX_UNSCALED_PIXELS,
): void {
  const { width, height } = header;
  const pixels = width * height;
  if (pixels > limit) {
    throw new ImageError(
      'image_too_large',
      `${width}×${height} is ${megapixels(pixels)} megapixels; ` +
        `the limit for ${limit === MAX_JPEG_PIXELS ? 'a JPEG' : 'a picture that cannot shrink as it decodes (PNG, WebP, GIF, BMP)'} is ${megapixels(limit)}.`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ImageError(
      'image_too_large',
      `${width}×${height} has a side of more than ${MAX_SIDE.toLocaleString('en')} pixels.`,
    );
  }
}

/**
 * @throws ImageError `image_too_large` beyond the limit. `what` is the subject of the message: "… would take 200 MiB of
 * memory".
 */
export function checkMemory(bytes: number, what: string, limit = MAX_MEMORY_BYTES): void {
  if (bytes <= limit) return;
  throw new ImageError(
    'image_too_large',
    `${what} would take ${mebibytes(bytes)} MiB of memory; the limit is ${mebibytes(limit)} MiB.`,
  );
}

/**
 * @throws ImageError `invalid_size` if a side is not a whole number from 1 to MAX_OUTPUT_SIDE, or the quality not from 1 to
 * 100
 */
export function checkOutput(output: { width: number; height: number; quality: number }): void {
  for (const [name, value, max] of [
    ['width', output.width, MAX_OUTPUT_SIDE],
    ['height', output.height, MAX_OUTPUT_SIDE],
    ['quality', output.quality, 100],
  ] as const) {
    if (Number.isInteger(value) && value >= 1 && value <= max) continue;
    throw new ImageError('invalid_size', `${name} is ${value}; it must be a whole number from 1 to ${max}.`);
  }
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

function megapixels(pixels: number): string {
  return (pixels / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
}
