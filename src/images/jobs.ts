// Plans the outputs of one picture: which part of the source each one shows, at what size, and how much memory all of them
// need. Pure.
import { foreseeEncodeBytes } from './photon.ts';
import { type Fit, type Placement, place, type Size } from './place.ts';
import { isQuarterTurn, type Orientation } from './read-orientation.ts';
import { foreseeResampleBytes } from './resample.ts';
import { foreseeWebpBytes } from './webp.ts';

/** `webp` is lossy. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'webp-lossless';

export interface ResizeOptions {
  /** Pixels of the upright picture, 1 … MAX_OUTPUT_SIDE. */
  width: number;
  height: number;
  fit: Fit;
  format: ImageFormat;
  /** 1 … 100. For `jpeg` and `webp`; the others are lossless. */
  quality: number;
}

/** One output, and its placement in the coordinates of the stored (not yet upright) picture. */
export interface Job {
  output: ResizeOptions;
  placement: Placement;
}

/** 4 bytes of RGBA, and 4 more while the picture is turned upright. */
const OUTPUT_PIXEL_BYTES = 8;

/** One job for each of the options, in their order. The boxes are turned to the stored picture, which may be on its side. */
export function jobsOf(source: Size & { orientation: Orientation }, options: readonly ResizeOptions[]): Job[] {
  return options.map((output) => {
    const { width, height } = output;
    const storedBox = isQuarterTurn(source.orientation) ? { width: height, height: width } : { width, height };
    return { output, placement: place(source, storedBox, output.fit) };
  });
}

/** The largest output as a share of the source; more than 1 means that it is enlarged. */
export function wantedShare(jobs: readonly Job[]): number {
  const shares = jobs.map(({ placement: { picture, crop } }) => [
    picture.width / crop.width,
    picture.height / crop.height,
  ]);
  return Math.max(...shares.flat());
}

/**
 * In bytes: `pixels` are held while the decoder works. `photon` and `webp` are the WebAssembly memory of the two encoders, which is
 * needed after that.
 */
export function foreseeOutputBytes(
  source: Size,
  jobs: readonly Job[],
): { pixels: number; photon: number; webp: number } {
  const sizes = jobs.map(({ output: { format }, placement: { canvas } }) => ({
    pixels: canvas.width * canvas.height,
    format,
  }));
  return {
    pixels: sizes.reduce((sum, { pixels }) => sum + pixels * OUTPUT_PIXEL_BYTES, foreseeResampleBytes(source)),
    photon: Math.max(
      0,
      ...sizes.map(({ pixels, format }) => (format === 'webp' ? 0 : foreseeEncodeBytes(pixels, format))),
    ),
    webp: Math.max(0, ...sizes.map(({ pixels, format }) => (format === 'webp' ? foreseeWebpBytes(pixels) : 0))),
  };
}
