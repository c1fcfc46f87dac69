// Chooses the decoder of a format that can only be decoded at full size: photon, or our own for BMP and GIF.
import { decodeBmp, foreseeBmpBytes } from './decode-bmp.ts';
import { decodeGif, foreseeGifBytes } from './decode-gif.ts';
import { leanPng } from './lean-png.ts';
import { decodeWithPhoton, foreseeDecodeBytes } from './photon.ts';
import type { Pixels } from './pixels.ts';
import type { ImageHeader } from './read-header.ts';

export interface WholeDecoder {
  /** The most memory besides the file, in bytes, until all outputs are encoded. */
  bytes: number;
  /** Passes the pixels to `use`; they are valid until it returns. @throws ImageError `broken_image` */
  decode<T>(use: (pixels: Pixels) => T): T;
}

/** @param encoderBytes the memory of photon as the encoder, which can use the memory that it had as the decoder */
export function wholeDecoder(file: Uint8Array, source: ImageHeader, encoderBytes: number): WholeDecoder {
  if (source.format === 'bmp')
    return { bytes: foreseeBmpBytes(file) + encoderBytes, decode: (use) => use(decodeBmp(file)) };
  if (source.format === 'gif')
    return { bytes: foreseeGifBytes(file) + encoderBytes, decode: (use) => use(decodeGif(file)) };
  const lean = source.format === 'png' ? leanPng(file) : file;
  return {
    bytes: Math.max(encoderBytes, foreseeDecodeBytes(lean, source)),
    decode: (use) => decodeWithPhoton(lean, use),
  };
}
