// Finds out whether a file ends too early, before it is sent to a service that costs money per attempt. The decoders here
// find this out by themselves, except the WebP decoder, which fills the missing part.
import { colourTableBytes, EXTENSION_BLOCK, endOfBlocks, IMAGE_BLOCK } from './inner-size.ts';
import { pngChunks } from './lean-png.ts';

/** True when a part of the picture is missing. A missing checksum or end marker is not a part of the picture. */
export const isCutOff = {
  png(bytes: Uint8Array): boolean {
    for (const { type } of pngChunks(bytes)) if (type === 'IEND') return false;
    return true;
  },

  /** Goes over all frames. Stops at a byte that begins no block, because some programs add padding. */
  gif(bytes: Uint8Array): boolean {
    let at = 13 + colourTableBytes(bytes[10] ?? 0);
    for (;;) {
      if (bytes[at] === EXTENSION_BLOCK) at = endOfBlocks(bytes, at + 2);
      else if (bytes[at] === IMAGE_BLOCK) at = endOfBlocks(bytes, at + 11 + colourTableBytes(bytes[at + 9] ?? 0));
      else return at > bytes.length;
    }
  },

  /** A RIFF file contains its own length. */
  webp(bytes: Uint8Array): boolean {
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 > bytes.length;
  },
};
