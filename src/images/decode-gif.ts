// Decodes the first frame of a GIF, on the whole screen.

import { unpackGif } from './gif-pixels.ts';
import { ImageError } from './image-error.ts';
import { colourTableBytes, EXTENSION_BLOCK, endOfBlocks, gifFrame } from './inner-size.ts';
import type { Pixels } from './pixels.ts';

const HEADER_BYTES = 13;
const IMAGE_BYTES = 10;
const GRAPHIC_CONTROL = 0xf9;
const INTERLACED = 0x40;
const TRANSPARENT = 1;
/** The rows of an interlaced frame come in four passes: the first row of each, and the step to the next one. */
const PASSES = [
  { first: 0, step: 8 },
  { first: 4, step: 8 },
  { first: 2, step: 4 },
  { first: 1, step: 2 },
];

/** The memory for decoding, in bytes, without the file: the screen in RGBA, the frame, and a copy of its data. */
export function foreseeGifBytes(bytes: Uint8Array): number {
  const { size, screen } = gifFrame(bytes) ?? { size: { width: 0, height: 0 }, screen: { width: 0, height: 0 } };
  return 4 * screen.width * screen.height + size.width * size.height + bytes.length;
}

/**
 * Pixels of the screen that the frame does not cover are transparent.
 * @throws ImageError `broken_image` if a row is missing
 */
export function decodeGif(bytes: Uint8Array): Pixels {
  const frame = gifFrame(bytes);
  if (!frame || frame.size.width === 0 || frame.size.height === 0) throw broken('its first frame has no pixels');
  const { at, size, screen, left, top } = frame;
  const flags = bytes[at + IMAGE_BYTES - 1] ?? 0;
  const palette = paletteOf(bytes, at, flags);
  const transparent = transparentColour(bytes, at);
  const data = at + IMAGE_BYTES + colourTableBytes(flags);
  const numbers = unpack(bytes, data, size.width * size.height);
  const whole = Math.floor(numbers.length / size.width);
  if (whole < size.height)
    throw broken(`it ends too early: ${size.height - whole} of the ${size.height} rows of its first frame are missing`);
  const pixels = new Uint32Array(screen.width * screen.height);
  let from = 0;
  for (const row of rowsOf(size.height, (flags & INTERLACED) !== 0)) {
    const to = (top + row) * screen.width + left;
    for (let x = 0; x < size.width; x++) {
      const number = numbers[from++] ?? 0;
      if (number !== transparent) pixels[to + x] = palette[number] ?? 0;
    }
  }
  return { data: new Uint8Array(pixels.buffer), ...screen, colour: 'rgba' };
}

function unpack(bytes: Uint8Array, at: number, count: number): Uint8Array {
  try {
    return unpackGif(bytes, at, count);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw broken('the data of its first frame cannot be unpacked', { cause });
  }
}

/** The colours of the frame as RGBA, as they stand in memory. A number beyond the table is black. */
function paletteOf(bytes: Uint8Array, at: number, flags: number): Uint32Array {
  const own = colourTableBytes(flags);
  const shared = colourTableBytes(bytes[10] ?? 0);
  if (!own && !shared) throw broken('it has no colours');
  const [start, length] = own ? [at + IMAGE_BYTES, own] : [HEADER_BYTES, shared];
  const palette = new Uint8Array(4 * 256);
  for (let colour = 0; colour < 256; colour++) {
    const inside = 3 * colour < length;
    const table = inside ? bytes.subarray(start + 3 * colour, start + 3 * colour + 3) : [];
    palette.set([...table], 4 * colour);
    palette[4 * colour + 3] = 255;
  }
  return new Uint32Array(palette.buffer);
}

/** The last extension before the frame that gives its transparent colour counts; -1 without one. */
function transparentColour(bytes: Uint8Array, before: number): number {
  let found = -1;
  let at = HEADER_BYTES + colourTableBytes(bytes[10] ?? 0);
  for (; at < before && bytes[at] === EXTENSION_BLOCK; at = endOfBlocks(bytes, at + 2)) {
    if (bytes[at + 1] !== GRAPHIC_CONTROL) continue;
    found = (bytes[at + 3] ?? 0) & TRANSPARENT ? (bytes[at + 6] ?? -1) : -1;
  }
  return found;
}

function* rowsOf(height: number, interlaced: boolean): Generator<number> {
  for (const { first, step } of interlaced ? PASSES : [{ first: 0, step: 1 }])
    for (let row = first; row < height; row += step) yield row;
}

function broken(fault: string, options?: ErrorOptions): ImageError {
  return new ImageError('broken_image', `The GIF is damaged: ${fault}.`, options);
}
