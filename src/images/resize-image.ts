// Makes resized versions of a picture: measures it, decodes it once, then resizes, turns and encodes each output. Between
// decoding and freeing, nothing may await, so that an isolate has only one decoded picture in memory.
import { chooseReduction } from './choose-reduction.ts';
import { type ProfileUse, readColours, storedColour } from './colour/index.ts';
import type { Conversion } from './colour/to-srgb.ts';
import { wholeDecoder } from './decode-whole.ts';
import { type Drawn, draw } from './draw.ts';
import { foreseeOutputBytes, type Job, jobsOf, type ResizeOptions, wantedShare } from './jobs.ts';
import { decodeJpeg, jpegSlot, mixJpeg } from './jpeg-decoder.ts';
import { checkJpegIsWhole, readJpegFrame } from './jpeg-frame.ts';
import { checkMemory, checkOutput, checkPixels, MAX_IDLE_WASM_BYTES, MAX_MEMORY_BYTES } from './limits.ts';
import { orient } from './orient.ts';
import { encodeWithPhoton, foreseeDecodeBytes, photonSlot } from './photon.ts';
import { CHANNELS, flatten, type Pixels, pad, toRgba } from './pixels.ts';
import type { Size } from './place.ts';
import { checkPngPixels } from './png-frame.ts';
import { type Preview, previewOf } from './preview.ts';
import { type ImageHeader, readHeader } from './read-header.ts';
import { foreseeReducedBytes } from './reduce.ts';
import { checkAllScans, repairJpeg } from './repair-jpeg.ts';
import { loadWebpEncoder, type WebpEncoder } from './webp.ts';

export interface ResizedImage {
  bytes: Uint8Array;
  width: number;
  height: number;
  contentType: string;
}

export interface ResizeReport {
  /** One output for each of the options, in their order. */
  outputs: ResizedImage[];
  source: ImageHeader;
  preview: Preview;
  /** What became of the colour profile of the source. */
  colourProfile: ProfileUse;
  /** The most WebAssembly memory that was held, in bytes, in all decoders and encoders together. */
  peakWasmBytes: number;
}

/**
 * Resizes a JPEG, PNG, WebP, GIF or BMP to one or more sizes. Applies the EXIF orientation
 * and the colour profile, and removes all metadata: the outputs are sRGB. Padding
 * (`contain`) is transparent; in a JPEG, padding and transparent pixels become white.
 * @throws ImageError, always permanent
 */
export async function resizeImage(bytes: Uint8Array, options: readonly ResizeOptions[]): Promise<ResizeReport> {
  options.forEach(checkOutput);
  const source = await readHeader(bytes);
  checkPixels(source);
  if (source.format === 'png') await checkPngPixels(bytes);
  const colours = await readColours(bytes, source.format, storedColour(bytes, source));
  const jobs = jobsOf(source, options);
  const webp = options.some(({ format }) => format === 'webp') ? await loadWebpEncoder() : undefined;
  try {
    const { pictures, small } = decode(bytes, source, jobs, colours.convert ?? toRgba);
    const preview = previewOf(orient(small, source.orientation));
    const outputs = pictures.map(({ picture, job }) => finish(picture, job, source, webp));
    return {
      outputs,
      source,
      preview,
      colourProfile: colours.profile,
      peakWasmBytes: jpegSlot.heldBytes + photonSlot.heldBytes + (webp?.heldBytes ?? 0),
    };
  } finally {
    jpegSlot.trim(MAX_IDLE_WASM_BYTES);
    photonSlot.trim(MAX_IDLE_WASM_BYTES);
  }
}

/**
 * Checks, from the size alone, that the outputs can be made from a PNG of this size.
 * @throws ImageError `image_too_large`
 */
export function checkPngWork(size: Size, options: readonly ResizeOptions[]): void {
  const source: ImageHeader = { format: 'png', orientation: 1, ...size };
  checkPixels(source);
  const { pixels, photon, webp } = foreseeOutputBytes(source, jobsOf(source, options));
  const photonBytes = Math.max(photon, foreseeDecodeBytes(new Uint8Array(0), source));
  checkMemory(pixels + photonBytes + webp, 'Outputs of this size');
}

/** Checks that the work fits into memory, then decodes once and resizes for every job. */
function decode(bytes: Uint8Array, source: ImageHeader, jobs: Job[], toSrgb: Conversion): Drawn {
  const wanted = wantedShare(jobs);
  const { pixels: outputBytes, photon: photonBytes, webp: webpBytes } = foreseeOutputBytes(source, jobs);
  const encodeBytes = photonBytes + webpBytes;
  checkMemory(bytes.length + outputBytes + encodeBytes, 'Outputs of this size');
  if (source.format === 'jpeg') {
    const { bytes: jpeg, lacksEnd } = repairJpeg(bytes);
    checkJpegIsWhole(jpeg);
    const frame = readJpegFrame(jpeg);
    const reduction = chooseReduction(frame, jpeg.length, wanted, jpeg.length + outputBytes + encodeBytes);
    if (lacksEnd) checkAllScans(jpeg);
    const decoding = { scale: 1 / reduction, mayReduce: false, mix: mixJpeg, toSrgb };
    return decodeJpeg(jpeg, frame, reduction, (pixels) => draw(pixels, decoding, jobs));
  }
  const decoder = wholeDecoder(bytes, source, photonBytes);
  const needed = bytes.length + outputBytes + decoder.bytes + webpBytes;
  checkMemory(needed, `To resize ${source.width}×${source.height} to this size`);
  const mayReduce = needed + foreseeReducedBytes(source, CHANNELS.rgba, wanted) <= MAX_MEMORY_BYTES;
  const decoding = { scale: 1, mayReduce, toSrgb };
  return decoder.decode((pixels) => draw(pixels, decoding, jobs));
}

/** Pads, turns upright and encodes one output. `webp` is present if an output is lossy WebP. */
function finish(
  picture: Pixels,
  { output: { format, quality }, placement: { canvas } }: Job,
  source: ImageHeader,
  webp: WebpEncoder | undefined,
): ResizedImage {
  const pixels = orient(pad(picture, canvas.width, canvas.height), source.orientation);
  if (format === 'jpeg') flatten(pixels);
  const bytes = format === 'webp' ? loaded(webp).encode(pixels, quality) : encodeWithPhoton(pixels, format, quality);
  const contentType = format === 'webp-lossless' ? 'image/webp' : `image/${format}`;
  return { bytes, width: pixels.width, height: pixels.height, contentType };
}

function loaded(webp: WebpEncoder | undefined): WebpEncoder {
  if (!webp) throw new Error('The encoder for lossy WebP was not loaded.');
  return webp;
}
