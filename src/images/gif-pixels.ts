// Unpacks the pixels of a frame of a GIF: LZW with codes of 2 to 12 bits (GIF89a, appendix F).

const MAX_WIDTH = 12;
const MAX_CODES = 2 ** MAX_WIDTH;

/**
 * The numbers of the colours, in the order of the file; fewer than `count` if the data end too early.
 * @param at where the number of bits stands, before the blocks of data
 * @throws RangeError if a code has no meaning
 */
export function unpackGif(bytes: Uint8Array, at: number, count: number): Uint8Array {
  const bits = bytes[at] ?? 0;
  if (bits < 1 || bits >= MAX_WIDTH) throw new RangeError(`${bits} bits for a colour`);
  const [clear, end] = [2 ** bits, 2 ** bits + 1];
  const data = joinBlocks(bytes, at + 1);
  const pixels = new Uint8Array(count);
  // From `end` on, a code stands for pixels that are written already: where they begin, and their number.
  const [starts, lengths] = [new Uint32Array(MAX_CODES), new Uint32Array(MAX_CODES)];
  let [next, width, written, before, length] = [end + 1, bits + 1, 0, 0, 0];
  let [held, heldBits, read] = [0, 0, 0];
  while (written < count) {
    for (; heldBits < width; heldBits += 8) {
      if (read === data.length) return pixels.subarray(0, written);
      held |= (data[read++] ?? 0) << heldBits;
    }
    const code = held & (2 ** width - 1);
    held >>>= width;
    heldBits -= width;
    if (code === end) break;
    if (code === clear) {
      [next, width, length] = [end + 1, bits + 1, 0];
      continue;
    }
    // A new code stands for the pixels of the code before and the one that follows them, which is written next.
    if (length > 0 && next < MAX_CODES) {
      starts[next] = before;
      lengths[next++] = length + 1;
    }
    if (code >= next) throw new RangeError('a code that stands for nothing');
    before = written;
    length = code < clear ? 1 : (lengths[code] ?? 0);
    if (code < clear) pixels[written++] = code;
    else for (let from = starts[code] ?? 0, to = from + length; from < to; ) pixels[written++] = pixels[from++] ?? 0;
    if (next === 2 ** width && width < MAX_WIDTH) width++;
  }
  return pixels.subarray(0, Math.min(written, count));
}

/** The contents of all blocks up to the one of length 0, or up to the end of a file that is cut off. */
export function joinBlocks(bytes: Uint8Array, from: number): Uint8Array {
  const whole = new Uint8Array(bytes.length - Math.min(bytes.length, from));
  let to = 0;
  for (let at = from; bytes[at]; at += 1 + (bytes[at] ?? 0)) {
    const block = bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0));
    whole.set(block, to);
    to += block.length;
  }
  return whole.subarray(0, to);
}
