// Decodes a BMP of every kind that its frame describes.
import { type BmpFrame, readBmpFrame } from './bmp-frame.ts';
import { missing, unpackRuns } from './bmp-runs.ts';
import type { Pixels } from './pixels.ts';

/** The memory for decoding, in bytes, without the file: the pixels, and the unpacked runs. */
export function foreseeBmpBytes(bytes: Uint8Array): number {
  const frame = readBmpFrame(bytes);
  const runs = frame.inRuns ? (frame.bitsPerPixel === 24 ? 3 : 1) : 0;
  return frame.width * frame.height * ((frame.masks[3] ? 4 : 3) + runs);
}

/** @throws ImageError `broken_image` if a row is missing */
export function decodeBmp(bytes: Uint8Array): Pixels {
  const frame = readBmpFrame(bytes);
  const { width, height, topDown } = frame;
  const rows = frame.inRuns ? unpackedRows(bytes, frame) : storedRows(bytes, frame);
  const channels = frame.masks[3] ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const draw = painter(rows, frame);
  for (let row = 0; row < height; row++) {
    const y = topDown ? row : height - 1 - row;
    draw(rows.start + row * rows.stride, data, y * width * channels);
  }
  if (channels === 4) makeVisible(data);
  return { data, width, height, colour: channels === 4 ? 'rgba' : 'rgb' };
}

/** Where the rows are, and the bits of a pixel there. */
interface Rows {
  source: Uint8Array;
  start: number;
  stride: number;
  bits: number;
}

/** The bytes of each row are filled up to a multiple of 4. The last row may lack this filling. */
function storedRows(source: Uint8Array, { width, height, bitsPerPixel: bits, pixelsAt: start }: BmpFrame): Rows {
  const stride = Math.ceil((width * bits) / 32) * 4;
  const whole = Math.floor((source.length - start + stride - Math.ceil((width * bits) / 8)) / stride);
  if (whole < height) throw missing(height - Math.max(0, whole), height);
  return { source, start, stride, bits };
}

function unpackedRows(bytes: Uint8Array, frame: BmpFrame): Rows {
  const bits = frame.bitsPerPixel === 24 ? 24 : 8;
  return { source: unpackRuns(bytes, frame), start: 0, stride: (frame.width * bits) / 8, bits };
}

/** Writes the row that begins at `from` into `data`, at `to`. */
type Paint = (from: number, data: Uint8Array, to: number) => void;

function painter({ source, bits }: Rows, frame: BmpFrame): Paint {
  if (bits <= 8) return withPalette(source, bits, frame);
  if (bits === 24) return withBytes(source, frame.width);
  return withMasks(new DataView(source.buffer, source.byteOffset, source.byteLength), bits, frame);
}

/** A number beyond the palette is black. */
function withPalette(source: Uint8Array, bits: number, { width, palette }: BmpFrame): Paint {
  const most = 2 ** bits - 1;
  return (from, data, to) => {
    for (let x = 0; x < width; x++, to += 3) {
      const bit = x * bits;
      const colour = palette[((source[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & most];
      if (!colour) continue;
      data[to] = colour[2] ?? 0;
      data[to + 1] = colour[1] ?? 0;
      data[to + 2] = colour[0] ?? 0;
    }
  };
}

function withBytes(source: Uint8Array, width: number): Paint {
  return (from, data, to) => {
    for (const end = from + 3 * width; from < end; from += 3, to += 3) {
      data[to] = source[from + 2] ?? 0;
      data[to + 1] = source[from + 1] ?? 0;
      data[to + 2] = source[from] ?? 0;
    }
  };
}

function withMasks(view: DataView, bits: number, { width, masks }: BmpFrame): Paint {
  const channels = masks.slice(0, masks[3] ? 4 : 3).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, scale: mask === 0 ? 0 : 255 / (mask >>> shift) };
  });
  return (from, data, to) => {
    for (let x = 0; x < width; x++) {
      const pixel = bits === 16 ? view.getUint16(from + 2 * x, true) : view.getUint32(from + 4 * x, true);
      for (const { mask, shift, scale } of channels) data[to++] = Math.round(((pixel & mask) >>> shift) * scale);
    }
  };
}

/** Some programs name bits of alpha and leave all of them 0: then the picture is opaque, as other programs show it. */
function makeVisible(data: Uint8Array): void {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) return;
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
}
