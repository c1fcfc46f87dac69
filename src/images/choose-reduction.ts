// Chooses by how much a JPEG is reduced while it is decoded: so that the filter has pixels to spare for every output, if they fit
// into memory.

import { foreseeJpegBytes, REDUCTIONS, type Reduction } from './jpeg-decoder.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { checkMemory, MAX_MEMORY_BYTES } from './limits.ts';

/**
 * If the sufficient size does not fit into memory, a smaller one may be enlarged by this factor; the loss is hardly
 * visible.
 */
const MAX_ENLARGEMENT = 1.25;

/** How much of the wanted size is left to the filter: of thin lines, twice the size loses 2 % of 255, four times 0.5 %. */
const GAP = 2;
const BEST_GAP = 4;

/**
 * The best gap is used up to this many pixels: for these, or for each byte of the file, it costs little of the time. The codes of
 * a progressive picture take so much of the time that it is always used.
 */
const QUICK_PIXELS = 1_000_000;
const QUICK_PIXELS_PER_BYTE = 2;

/** A finer reduction than the sufficient one may take this much more memory. */
const MAX_EXTRA_BYTES = 13 * 2 ** 20;

/** A picture with no more pixels than this is decoded whole. */
const SMALL_PIXELS = 500_000;

/**
 * Chooses the reduction.
 * @param wanted the largest output as a share of the stored size; more than 1 means that it is enlarged
 * @param otherBytes the memory that the rest of the work needs, in bytes
 * @throws ImageError `image_too_large` if no acceptable reduction fits into memory
 */
export function chooseReduction(frame: JpegFrame, fileBytes: number, wanted: number, otherBytes: number): Reduction {
  const bytesAt = (reduction: Reduction) => foreseeJpegBytes(frame, reduction) + otherBytes;
  const sufficient = largest(1 / wanted);
  const nearly = largest(MAX_ENLARGEMENT / wanted);
  if (bytesAt(sufficient) > MAX_MEMORY_BYTES && bytesAt(nearly) <= MAX_MEMORY_BYTES) return nearly;
  const kind = frame.progressive ? 'a progressive' : 'a';
  checkMemory(bytesAt(sufficient), `To make this size of ${kind} JPEG of ${frame.width}×${frame.height}`);
  const limit = Math.min(MAX_MEMORY_BYTES, bytesAt(sufficient) + MAX_EXTRA_BYTES);
  return finer(frame, fileBytes, wanted).find((reduction) => bytesAt(reduction) <= limit) ?? sufficient;
}

/** The reductions that leave more to the filter than the sufficient one, best first. */
function finer({ width, height, progressive }: JpegFrame, fileBytes: number, wanted: number): Reduction[] {
  if (width * height <= SMALL_PIXELS) return [1];
  const [best, good] = [largest(1 / (BEST_GAP * wanted)), largest(1 / (GAP * wanted))];
  const quick = progressive ? Infinity : Math.max(QUICK_PIXELS, QUICK_PIXELS_PER_BYTE * fileBytes);
  return (width * height) / best ** 2 <= quick ? [best, good] : [good];
}

/** The largest reduction up to `limit`. */
function largest(limit: number): Reduction {
  return REDUCTIONS.findLast((reduction) => reduction <= limit) ?? 1;
}
