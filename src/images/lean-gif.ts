// Makes a GIF of the first frame of another, which is all that is shown. The decoder stops at extensions that it does not know
// and at a frame that is larger than the screen.
import { colourTableBytes, EXTENSION_BLOCK, endOfBlocks, gifFrame } from './inner-size.ts';

const GRAPHIC_CONTROL = 0xf9;
const END = 0x3b;

/** The header, the transparency of the first frame, and the frame; the screen is as large as the frame needs. */
export function leanGif(bytes: Uint8Array): Uint8Array {
  const frame = gifFrame(bytes);
  if (!frame) return bytes;
  const header = 13 + colourTableBytes(bytes[10] ?? 0);
  const control = graphicControl(bytes, header, frame.at);
  const image = bytes.subarray(
    frame.at,
    endOfBlocks(bytes, frame.at + 11 + colourTableBytes(bytes[frame.at + 9] ?? 0)),
  );
  const lean = new Uint8Array(header + control.length + image.length + 1);
  lean.set(bytes.subarray(0, header));
  const view = new DataView(lean.buffer);
  view.setUint16(6, frame.screen.width, true);
  view.setUint16(8, frame.screen.height, true);
  lean.set(control, header);
  lean.set(image, header + control.length);
  lean[lean.length - 1] = END;
  return lean;
}

/** The last block before the frame that tells its transparent colour; empty when there is none. */
function graphicControl(bytes: Uint8Array, from: number, to: number): Uint8Array {
  let found = new Uint8Array(0);
  for (let at = from; at < to && bytes[at] === EXTENSION_BLOCK; at = endOfBlocks(bytes, at + 2)) {
    if (bytes[at + 1] === GRAPHIC_CONTROL) found = bytes.slice(at, endOfBlocks(bytes, at + 2));
  }
  return found;
}
