// Makes what can be shown before a picture has loaded: a placeholder of about 30 bytes, and one colour.
import { rgbaToThumbHash } from 'thumbhash';
import type { Pixels } from './pixels.ts';
import { place, type Size } from './place.ts';

export interface Preview {
  /** A ThumbHash (https://evanw.github.io/thumbhash/) in base64. */
  placeholder: string;
  /** `#rrggbb`: the colour that covers most of the picture; null when no pixel is visible. */
  dominantColour: string | null;
}

/** The longest side of the picture from which a preview is made. ThumbHash accepts up to 100, without showing more detail. */
const SIDE = 64;

/** The size of the small picture that previewOf() needs for a picture of this size. */
export function previewSize(source: Size): Size {
  return place(source, { width: SIDE, height: SIDE }, 'inside').picture;
}

/** Makes the preview from a small, upright picture in RGBA. */
export function previewOf({ data, width, height }: Pixels): Preview {
  const hash = rgbaToThumbHash(width, height, data);
  return { placeholder: btoa(String.fromCharCode(...hash)), dominantColour: dominantColour(data) };
}

/** Sorts the pixels into 512 bins of similar colours and takes the mean of the fullest bin. Alpha is a pixel's weight. */
function dominantColour(data: Uint8Array): string | null {
  const bins = new Map<number, { weight: number; red: number; green: number; blue: number }>();
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, weight = 0] = data.subarray(at, at + 4);
    if (weight === 0) continue;
    const bin = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5);
    const sum = bins.get(bin) ?? { weight: 0, red: 0, green: 0, blue: 0 };
    sum.weight += weight;
    sum.red += weight * red;
    sum.green += weight * green;
    sum.blue += weight * blue;
    bins.set(bin, sum);
  }
  let fullest: { weight: number; red: number; green: number; blue: number } | undefined;
  for (const bin of bins.values()) if (!fullest || bin.weight > fullest.weight) fullest = bin;
  if (!fullest) return null;
  const { weight, red, green, blue } = fullest;
  const hex = [red, green, blue].map((sum) => Math.round(sum / weight).toString(16));
  return `#${hex.map((digits) => digits.padStart(2, '0')).join('')}`;
}
