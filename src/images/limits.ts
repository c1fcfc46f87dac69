// What an isolate of 128 MB can carry. Every limit of this folder is here, and each check costs nothing but the header.

import { ImageError } from './image-error.ts';

/** PNG, WebP, GIF and BMP decode at full size only: 11 to 17 bytes of memory a pixel. */
export const MAX_UNSCALED_PIXELS = 6_000_000;

/** A JPEG shrinks while it decodes, so pixels cost time more than memory. */
export const MAX_JPEG_PIXELS = 100_000_000;

/** Longest side of a picture: JPEG knows no longer one, and work along a side is not counted in pixels. */
export const MAX_SIDE = 65_535;

/** Longest side of an output, in pixels. */
export const MAX_OUTPUT_SIDE = 4096;

/** What one image may take, estimated before decoding: WebAssembly memory, the file, the pixels of the outputs. */
export const MAX_MEMORY_BYTES = 108 * 2 ** 20;

/** The same for a picture that goes into a document, which is in memory beside it. */
export const MAX_PREPARED_BYTES = 72 * 2 ** 20;

/** An instance whose memory has grown beyond this is replaced after the image: WebAssembly memory never shrinks. */
export const MAX_IDLE_WASM_BYTES = 16 * 2 ** 20;

/** Refuses a picture whose pixels, as its header counts them, are beyond the cap for its format, or whose side is too long. */
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

/** Refuses what would take more memory than an isolate can give. `what` opens the sentence that says so. */
export function checkMemory(bytes: number, what: string, limit = MAX_MEMORY_BYTES): void {
  if (bytes <= limit) return;
  throw new ImageError(
    'image_too_large',
    `${what} would take ${mebibytes(bytes)} MiB of memory; the limit is ${mebibytes(limit)} MiB.`,
  );
}

/** Refuses a size that is not whole pixels within 1 … MAX_OUTPUT_SIDE, or a quality outside 1 … 100. */
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
