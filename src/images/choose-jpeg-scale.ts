// Chooses the scale at which a JPEG is decoded: the smallest that still covers every output, if it fits into memory.

import { type Eighths, foreseeJpegBytes } from './jpeg-decoder.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { checkMemory, MAX_MEMORY_BYTES } from './limits.ts';

/**
 * If the sufficient scale does not fit into memory, a smaller one may be enlarged by this factor; the loss is hardly
 * visible.
 */
const MAX_ENLARGEMENT = 1.25;

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
  return sufficient;
}
