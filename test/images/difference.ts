// Compares two pictures of the same size.
import { PhotonImage } from '@cf-wasm/photon';

/** The mean difference of the colours of all pixels, of 255. */
export function meanDifference(one: Uint8Array, other: Uint8Array): number {
  const [first, second] = [one, other].map(pixelsOf);
  if (!first || !second || first.length !== second.length) throw new RangeError('The pictures differ in size.');
  return first.reduce((sum, value, at) => sum + Math.abs(value - (second[at] ?? 0)), 0) / first.length;
}

/** Red, green and blue of each pixel. */
function pixelsOf(bytes: Uint8Array): number[] {
  const image = PhotonImage.new_from_byteslice(bytes);
  const pixels = image.get_raw_pixels();
  image.free();
  return [...pixels].filter((_, at) => at % 4 !== 3);
}
