// Pictures for tests. They are made and read back here, so that a test does not depend on the code that it tests.

import { PhotonImage } from '@cf-wasm/photon';
import { CORNERS, makePhoto, type PhotoOptions, withOrientation } from '../../scripts/photo.ts';

export { CORNERS, withOrientation };

/** A JPEG photo with four coloured corners, 480×320 by default. Width and height are those of the upright picture. */
export function aPhoto(options: Partial<PhotoOptions> = {}): Promise<Uint8Array> {
  return makePhoto({ width: 480, height: 320, ...options });
}

/** A PNG of one colour, given as [red, green, blue, alpha]. */
export function aPng(width: number, height: number, colour: readonly number[]): Uint8Array {
  const pixels = new Uint8Array(width * height * 4).map((_, at) => colour[at % 4] ?? 0);
  const image = new PhotonImage(pixels, width, height);
  const bytes = image.get_bytes();
  image.free();
  return bytes;
}

/** A PNG that ends after a correct header. */
export function aPngHeader(width: number, height: number): Uint8Array {
  const bytes = aPng(1, 1, [0, 0, 0, 255]).slice(0, 33);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

/** A JPEG that ends after a correct frame header. */
export function aJpegHeader(width: number, height: number): Uint8Array {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const frame = [0xff, 0xc0, 0, 17, 8, ...size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  return Uint8Array.from([0xff, 0xd8, ...frame, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
}

/** A decoded picture. */
export interface Seen {
  width: number;
  height: number;
  /** [red, green, blue, alpha]; negative coordinates count from the right and the bottom. */
  at(x: number, y: number): number[];
  /** The colours near the four corners, in the order of CORNERS. */
  corners(): number[][];
}

/** Decodes any encoded picture. */
export function see(bytes: Uint8Array): Seen {
  const image = PhotonImage.new_from_byteslice(bytes);
  const width = image.get_width();
  const height = image.get_height();
  const pixels = image.get_raw_pixels();
  image.free();
  const at = (x: number, y: number) => {
    const from = ((y < 0 ? height + y : y) * width + (x < 0 ? width + x : x)) * 4;
    return [...pixels.subarray(from, from + 4)];
  };
  return { width, height, at, corners: () => [at(2, 2), at(-3, 2), at(2, -3), at(-3, -3)] };
}

/** The largest difference between two colours in one of the channels that both have. */
export function difference(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.slice(0, other.length).map((value, channel) => Math.abs(value - (other[channel] ?? 0))));
}
