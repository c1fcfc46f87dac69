// Makes a test photo: a JPEG with noise, an EXIF orientation, and four coloured corners that show whether it is upright.
// Runs in Node (demo) and in workerd (tests).

import { PhotonImage } from '@cf-wasm/photon';

/** The corners of the upright photo, as RGB. */
export const CORNERS = {
  topLeft: [220, 40, 40],
  topRight: [40, 200, 60],
  bottomLeft: [40, 70, 220],
  bottomRight: [230, 210, 40],
} as const;

export interface PhotoOptions {
  /** Width and height of the upright photo, in pixels. */
  width: number;
  height: number;
  /** EXIF orientation, 1 to 8: how the upright photo is stored. Default: 1. */
  orientation?: number;
}

/** By orientation: the place of a stored pixel in the upright photo. `right` and `bottom` are its last column and row. */
const UPRIGHT: Record<number, (x: number, y: number, right: number, bottom: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _right, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, right) => [right - y, x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, _right, bottom) => [y, bottom - x],
};

/** A JPEG of the given upright size. The same options give the same bytes. 4000 × 3000 pixels give about 4 MB and take 1 second. */
export async function makePhoto({ width, height, orientation = 1 }: PhotoOptions): Promise<Uint8Array> {
  const turned = orientation >= 5;
  const pixels = paint(turned ? height : width, turned ? width : height, width, height, orientation);
  const image = new PhotonImage(pixels, turned ? height : width, turned ? width : height);
  try {
    return withOrientation(image.get_bytes_jpeg(85), orientation);
  } finally {
    image.free();
  }
}

/** Adds an EXIF segment (APP1 with one entry, tag 0x0112) after the start marker of the JPEG. */
export function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const payload = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const segment = [0xff, 0xe1, 0, payload.length + 2, ...payload];
  const result = new Uint8Array(jpeg.length + segment.length);
  result.set(jpeg.subarray(0, 2));
  result.set(segment, 2);
  result.set(jpeg.subarray(2), 2 + segment.length);
  return result;
}

function paint(storedWidth: number, storedHeight: number, width: number, height: number, orientation: number) {
  const upright = UPRIGHT[orientation];
  if (!upright) throw new RangeError(`The EXIF orientation is ${orientation}, but must be 1 to 8.`);
  const pixels = new Uint8Array(storedWidth * storedHeight * 4).fill(255);
  const corner = Math.ceil(Math.min(width, height) / 6);
  let seed = 1;
  for (let y = 0, at = 0; y < storedHeight; y++) {
    for (let x = 0; x < storedWidth; x++, at += 4) {
      const [column, row] = upright(x, y, width - 1, height - 1);
      const flat = cornerColour(column, row, width, height, corner);
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      const noise = flat ? 0 : (seed >>> 27) - 16;
      const light = 120 + 70 * Math.sin(column / 180) * Math.cos(row / 140);
      pixels[at] = flat ? flat[0] : light + noise;
      pixels[at + 1] = flat ? flat[1] : light * 0.9 + 20 + noise;
      pixels[at + 2] = flat ? flat[2] : 90 + (row / height) * 120 + noise;
    }
  }
  return pixels;
}

function cornerColour(column: number, row: number, width: number, height: number, size: number) {
  const left = column < size;
  const top = row < size;
  if (!left && column < width - size) return undefined;
  if (!top && row < height - size) return undefined;
  if (top) return left ? CORNERS.topLeft : CORNERS.topRight;
  return left ? CORNERS.bottomLeft : CORNERS.bottomRight;
}
