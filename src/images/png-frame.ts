// Reads the header of a PNG (PNG, third edition, 11.2.1) and checks that the file does not hold more pixels than the header
// says: one kilobyte can inflate to a megabyte of pixels.
import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { ImageError } from './image-error.ts';
import { pngChunks } from './lean-png.ts';
import type { Size } from './place.ts';

export interface PngFrame extends Size {
  bitsPerPixel: number;
  /** True for 16 bits per channel, which need twice the memory of 8. */
  isDeep: boolean;
  /** True without colours. */
  isGrey: boolean;
  interlaced: boolean;
}

/** The number of channels of each colour type: grey, colour, palette, grey with alpha, colour with alpha. */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The seven passes of Adam7: the first pixel of each pass, and the steps to the next one. */
const PASSES = [
  { left: 0, top: 0, across: 8, down: 8 },
  { left: 4, top: 0, across: 8, down: 8 },
  { left: 0, top: 4, across: 4, down: 8 },
  { left: 2, top: 0, across: 4, down: 4 },
  { left: 0, top: 2, across: 2, down: 4 },
  { left: 1, top: 0, across: 2, down: 2 },
  { left: 0, top: 1, across: 1, down: 2 },
];
const WHOLE = [{ left: 0, top: 0, across: 1, down: 1 }];

/** Some programs add a row or some padding after the last pixel. */
const SLACK_BYTES = 65_536;
/** Data chunks are passed on in pieces of this size, because a hostile file has millions of small ones. */
const PIECE_BYTES = 65_536;

/**
 * Reads the header.
 * @throws ImageError `broken_image` if the header is not the first chunk or is not valid
 */
export function readPngFrame(bytes: Uint8Array): PngFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirst = bytes.length >= 33 && view.getUint32(8) === 13 && view.getUint32(12) === 0x49484452;
  if (!isFirst) throw broken('it does not begin with its header');
  const [width, height, bits] = [view.getUint32(16), view.getUint32(20), view.getUint8(24)];
  const channels = CHANNELS[view.getUint8(25)];
  if (width === 0 || height === 0 || !channels || ![1, 2, 4, 8, 16].includes(bits))
    throw broken('its header is not valid');
  const isGrey = view.getUint8(25) === 0 || view.getUint8(25) === 4;
  const interlaced = view.getUint8(28) === 1;
  return { width, height, bitsPerPixel: bits * channels, isDeep: bits === 16, isGrey, interlaced };
}

/**
 * Inflates the pixels without keeping them, up to a little more than the header says. A file with fewer pixels or other damage
 * passes here; the decoder refuses it.
 * @throws ImageError `broken_image` if there are more pixels than the header says
 */
export async function checkPngPixels(bytes: Uint8Array): Promise<void> {
  const frame = readPngFrame(bytes);
  const expected = pixelBytes(frame);
  let size = 0;
  const inflate = Readable.from(pieces(bytes)).pipe(createInflate({ chunkSize: PIECE_BYTES }));
  const chunks = inflate[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next = () => chunks.next().catch(() => ({ done: true as const, value: undefined }));
  for (let chunk = await next(); !chunk.done; chunk = await next()) {
    size += chunk.value.length;
    if (size <= expected + SLACK_BYTES) continue;
    inflate.destroy();
    throw broken(`its header says ${frame.width}×${frame.height}, and it holds more pixels than that`);
  }
}

/** The number of inflated bytes: for each row of each pass one filter byte and the pixels. */
function pixelBytes({ width, height, bitsPerPixel, interlaced }: PngFrame): number {
  return (interlaced ? PASSES : WHOLE).reduce((sum, { left, top, across, down }) => {
    const columns = Math.max(0, Math.ceil((width - left) / across));
    const rows = Math.max(0, Math.ceil((height - top) / down));
    return sum + (columns === 0 ? 0 : rows * (1 + Math.ceil((columns * bitsPerPixel) / 8)));
  }, 0);
}

/** The contents of all data chunks, one after the other, in pieces of PIECE_BYTES. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for (const { type, start, end } of pngChunks(bytes)) {
    if (type !== 'IDAT') continue;
    for (let at = start + 8; at < end - 4; ) {
      const part = bytes.subarray(at, Math.min(end - 4, at + PIECE_BYTES - filled));
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

function broken(fault: string): ImageError {
  return new ImageError('broken_image', `The PNG is damaged: ${fault}.`);
}
