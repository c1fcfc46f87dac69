// Unpacks the rows of a BMP that are packed as runs (RLE4 and RLE8 of Windows, RLE24 of OS/2).
import { type BmpFrame, brokenBmp } from './bmp-frame.ts';

/** What a pair of bytes means that begins with 0: the end of a row, the end of the picture, a step, or that many pixels. */
const END_OF_ROW = 0;
const END_OF_PICTURE = 1;
const STEP = 2;

/**
 * The pixels in the order of the file, without padding: one byte for each, the number of a colour, or three with 24 bits. Pixels
 * that no run covers are 0, the first colour of the palette.
 * @throws ImageError `broken_image` if the file ends before the end of the picture, or a run is too long
 */
export function unpackRuns(bytes: Uint8Array, { width, height, bitsPerPixel, pixelsAt }: BmpFrame): Uint8Array {
  const channels = bitsPerPixel === 24 ? 3 : 1;
  const pixels = new Uint8Array(width * height * channels);
  // Some programs pack the filling of a row too, up to a multiple of 4 bytes.
  const filled = (Math.ceil((width * bitsPerPixel) / 32) * 32) / bitsPerPixel;
  let [x, y, at] = [0, 0, pixelsAt];
  /** Writes `count` pixels. `from`: where the first stands. */
  const write = (count: number, from: number, repeats: boolean) => {
    if (x + count > filled) throw brokenBmp('a run of pixels reaches beyond its row');
    for (let pixel = 0; pixel < count && x < width; pixel++, x++) {
      const to = (y * width + x) * channels;
      const step = repeats ? (bitsPerPixel === 4 ? pixel & 1 : 0) : pixel;
      if (bitsPerPixel === 4) pixels[to] = ((bytes[from + (step >> 1)] ?? 0) >> (step & 1 ? 0 : 4)) & 15;
      else for (let part = 0; part < channels; part++) pixels[to + part] = bytes[from + step * channels + part] ?? 0;
    }
  };
  while (y < height) {
    if (at + 2 > bytes.length) {
      if (y === height - 1 && x >= width) return pixels;
      throw missing(height - y, height);
    }
    const [count = 0, value = 0] = bytes.subarray(at, at + 2);
    if (count > 0) {
      write(count, at + 1, true);
      at += 1 + channels;
    } else if (value === END_OF_PICTURE) {
      return pixels;
    } else if (value === END_OF_ROW) {
      [x, y, at] = [0, y + 1, at + 2];
    } else if (value === STEP) {
      [x, y, at] = [x + (bytes[at + 2] ?? 0), y + (bytes[at + 3] ?? 0), at + 4];
    } else {
      const length = Math.ceil((value * bitsPerPixel) / 16) * 2;
      if (at + 2 + Math.ceil((value * bitsPerPixel) / 8) > bytes.length) throw missing(height - y, height);
      write(value, at + 2, false);
      at += 2 + length;
    }
  }
  return pixels;
}

/** The error for a file that ends too early. */
export function missing(rows: number, height: number): Error {
  return brokenBmp(`it ends too early: ${rows} of its ${height} rows are missing`);
}
