// At which scale to decode a JPEG: the smallest that still covers every output, if memory allows it.

import { type Eighths, foreseeJpegBytes } from './jpeg-decoder.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { checkMemory, MAX_MEMORY_BYTES } from './limits.ts';

/** How far a picture may be enlarged from a smaller scale when the sufficient one does not fit; it hardly shows. */
const MAX_ENLARGEMENT = 1.25;

const SCALES: readonly Eighths[] = [1, 2, 4, 8];

/**
 * Chooses the scale, in eighths of the stored size.
 * @param wanted the largest of the outputs as a share of the stored size; above 1 it is enlarged
 * @param otherBytes memory that the rest of the work takes
 * @throws ImageError `image_too_large` if no acceptable scale fits in memory
 */
export function chooseJpegScale(frame: JpegFrame, fileBytes: number, wanted: number, otherBytes: number): Eighths {
  const bytesAt = (eighths: Eighths) => foreseeJpegBytes(frame, fileBytes, eighths) + otherBytes;
  const needed = Math.min(1, wanted);
  const sufficient = SCALES.find((eighths) => eighths / 8 >= needed) ?? 8;
  const nearly = SCALES.find((eighths) => eighths / 8 < needed && (eighths / 8) * MAX_ENLARGEMENT >= needed);
  if (nearly && bytesAt(sufficient) > MAX_MEMORY_BYTES && bytesAt(nearly) <= MAX_MEMORY_BYTES) return nearly;
  const process = frame.progressive ? 'a progressive' : 'a';
  checkMemory(bytesAt(sufficient), `To make this size of ${process} JPEG of ${frame.width}×${frame.height}`);
  return sufficient;
}
