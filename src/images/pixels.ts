// Decoded pixels, and their conversion from the decoder's colours to the RGBA of the encoder.

export interface Pixels {
  /** Row by row, without padding. It may be a view of WebAssembly memory: read it before any other WebAssembly code runs. */
  data: Uint8Array;
  width: number;
  height: number;
  colour: Colour;
}

/** In `cmyk`, 0 means no ink. */
export type Colour = keyof typeof CHANNELS;

export const CHANNELS = { grey: 1, rgb: 3, rgba: 4, cmyk: 4 } as const;

/** The same picture as RGBA. */
export function toRgba(pixels: Pixels): Pixels {
  const { data, width, height, colour } = pixels;
  if (colour === 'rgba') return pixels;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  const channels = CHANNELS[colour];
  const convert = CONVERT[colour];
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) convert(data, from, rgba, to);
  return { data: new Uint8Array(rgba.buffer), width, height, colour: 'rgba' };
}

type Convert = (data: Uint8Array, from: number, rgba: Uint8ClampedArray, to: number) => void;

const CONVERT: Record<Exclude<Colour, 'rgba'>, Convert> = {
  grey(data, from, rgba, to) {
    rgba[to] = rgba[to + 1] = rgba[to + 2] = data[from] ?? 0;
  },
  rgb(data, from, rgba, to) {
    rgba[to] = data[from] ?? 0;
    rgba[to + 1] = data[from + 1] ?? 0;
    rgba[to + 2] = data[from + 2] ?? 0;
  },
  cmyk(data, from, rgba, to) {
    const paper = 255 - (data[from + 3] ?? 0);
    for (let ink = 0; ink < 3; ink++) rgba[to + ink] = ((255 - (data[from + ink] ?? 0)) * paper) / 255;
  },
};

/** Puts the picture into the middle of a larger, transparent one. */
export function pad(pixels: Pixels, width: number, height: number): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  const data = new Uint8Array(width * height * 4);
  const left = Math.floor((width - pixels.width) / 2);
  const top = Math.floor((height - pixels.height) / 2);
  for (let row = 0; row < pixels.height; row++) {
    const from = row * pixels.width * 4;
    data.set(pixels.data.subarray(from, from + pixels.width * 4), ((top + row) * width + left) * 4);
  }
  return { data, width, height, colour: 'rgba' };
}

/** Puts RGBA pixels on a white background, in place, because JPEG has no transparency. */
export function flatten(pixels: Pixels): void {
  const { data } = pixels;
  for (let at = 3; at < data.length; at += 4) {
    const alpha = data[at] ?? 255;
    if (alpha === 255) continue;
    for (let channel = at - 3; channel < at; channel++) {
      data[channel] = 255 + (((data[channel] ?? 0) - 255) * alpha) / 255;
    }
    data[at] = 255;
  }
}
