// Whether a file ends before its end, for those who do not decode it and pay for each attempt. Decoders find out by
// themselves, but for that of WebP, which fills what is missing.
import { colourTableBytes, EXTENSION, endOfBlocks, IMAGE } from './inner-size.ts';
import { pngChunks } from './lean-png.ts';

/** True when a part of the picture is missing. A checksum or an end marker that is, is no part of it. */
export const isCutOff = {
  png(bytes: Uint8Array): boolean {
    for (const { type } of pngChunks(bytes)) if (type === 'IEND') return false;
    return true;
  },

  /** Walks all frames. What is no block ends the walk: some writers leave padding. */
  gif(bytes: Uint8Array): boolean {
    let at = 13 + colourTableBytes(bytes[10] ?? 0);
    for (;;) {
      if (bytes[at] === EXTENSION) at = endOfBlocks(bytes, at + 2);
      else if (bytes[at] === IMAGE) at = endOfBlocks(bytes, at + 11 + colourTableBytes(bytes[at + 9] ?? 0));
      else return at > bytes.length;
    }
  },

  /** A RIFF file says how long it is. */
  webp(bytes: Uint8Array): boolean {
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 > bytes.length;
  },
};
