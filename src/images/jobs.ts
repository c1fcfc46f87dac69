// What is to be made of one picture (pure): each output, where its pixels come from and go, and the memory it all takes.
import { foreseeEncodeBytes } from './photon.ts';
import { type Fit, type Placement, place, type Size } from './place.ts';
import { isQuarterTurn, type Orientation } from './read-orientation.ts';
import { foreseeResampleBytes } from './resample.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp';

export interface ResizeOptions {
  /** Pixels of the upright picture, 1 … MAX_OUTPUT_SIDE. */
  width: number;
  height: number;
  fit: Fit;
  format: ImageFormat;
  /** 1 … 100. JPEG only: PNG and photon's WebP are lossless. */
  quality: number;
}

/** One output, and its placement in stored coordinates. */
export interface Job {
  output: ResizeOptions;
  placement: Placement;
}

/** RGBA, and once more while it is turned upright. */
const OUTPUT_PIXEL_BYTES = 8;

export function jobsOf(source: Size & { orientation: Orientation }, options: readonly ResizeOptions[]): Job[] {
  return options.map((output) => {
    const { width, height } = output;
    const storedBox = isQuarterTurn(source.orientation) ? { width: height, height: width } : { width, height };
    return { output, placement: place(source, storedBox, output.fit) };
  });
}

/** The largest of the outputs as a share of the source; above 1 it is enlarged. */
export function wantedShare(jobs: readonly Job[]): number {
  const shares = jobs.map(({ placement: { picture, crop } }) => [
    picture.width / crop.width,
    picture.height / crop.height,
  ]);
  return Math.max(...shares.flat());
}

/** Bytes: `pixels` are held beside the decoder, `encoder` is WebAssembly memory after it. */
export function foreseeOutputBytes(source: Size, jobs: readonly Job[]): { pixels: number; encoder: number } {
  const sizes = jobs.map(({ output, placement: { canvas } }) => ({ pixels: canvas.width * canvas.height, output }));
  return {
    pixels: sizes.reduce((sum, { pixels }) => sum + pixels * OUTPUT_PIXEL_BYTES, foreseeResampleBytes(source)),
    encoder: Math.max(...sizes.map(({ pixels, output }) => foreseeEncodeBytes(pixels, output.format))),
  };
}
