// Chooses the scale at which a JPEG is decoded: with room to spare for every output, if it fits into memory.

import { type Eighths, foreseeJpegBytes } from './jpeg-decoder.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { checkMemory, MAX_MEMORY_BYTES } from './limits.ts';

/**
 * If the sufficient scale does not fit into memory, a smaller one may be enlarged by this factor; the loss is hardly
 * visible.
 */
const MAX_ENLARGEMENT = 1.25;

/**
 * How much of the wanted size should be left to the filter. A decoder that shrinks makes coarser pixels than a filter does, and
 * the colours of most photos have half the size of the picture: four times the size leaves them twice.
 */
const GAP = 2;
const BEST_GAP = 4;

/**
 * The best gap is used up to this many decoded pixels: for these, or for each byte of the file, it costs little of the time. A
 * progressive picture takes so much time for its coefficients that it is always used.
 */
const QUICK_PIXELS = 1_000_000;
const QUICK_PIXELS_PER_BYTE = 0.5;

/** A finer scale than the sufficient one may take this much more memory. */
const MAX_EXTRA_BYTES = 13 * 2 ** 20;

/** A picture with no more pixels than this is decoded whole. */
const SMALL_PIXELS = 500_000;

const SCALES: readonly Eighths[] = [1, 2, 4, 8];

/**
 * Chooses the scale, in eighths of the stored size.
 * @param wanted the largest output as a share of the stored size; more than 1 means that it is enlarged
 * @param otherBytes the memory that the rest of the work needs, in bytes
 * @throws ImageError `image_too_large` if no acceptable scale fits into memory
 */
export function chooseJpegScale(frame: JpegFrame, fileBytes: number, wanted: number, otherBytes: number): Eighths {
  const bytesAt = (eighths: Eighths) => foreseeJpegBytes(frame, fileBytes, eighths) + otherBytes;
  const needed = Math.min(1, wanted);
  const sufficient = SCALES.find((eighths) => eighths / 8 >= needed) ?? 8;
  const nearly = SCALES.find((eighths) => eighths / 8 < needed && (eighths / 8) * MAX_ENLARGEMENT >= needed);
  if (nearly && bytesAt(sufficient) > MAX_MEMORY_BYTES && bytesAt(nearly) <= MAX_MEMORY_BYTES) return nearly;
  const kind = frame.progressive ? 'a progressive' : 'a';
  checkMemory(bytesAt(sufficient), `To make this size of ${kind} JPEG of ${frame.width}×${frame.height}`);
  const limit = Math.min(MAX_MEMORY_BYTES, bytesAt(sufficient) + MAX_EXTRA_BYTES);
  return finerScales(frame, fileBytes, needed).find((eighths) => bytesAt(eighths) <= limit) ?? sufficient;
}

/** The scales that leave more to the filter than the sufficient one, best first. */
function finerScales({ width, height, progressive }: JpegFrame, fileBytes: number, needed: number): Eighths[] {
  if (width * height <= SMALL_PIXELS) return [8];
  const quick = progressive ? Infinity : Math.max(QUICK_PIXELS, QUICK_PIXELS_PER_BYTE * fileBytes);
  const [best, good] = [BEST_GAP, GAP].map(
    (gap) => SCALES.find((eighths) => eighths / 8 >= Math.min(1, gap * needed)) ?? 8,
  ) as [Eighths, Eighths];
  return width * height * (best / 8) ** 2 <= quick ? [best, good] : [good];
}
