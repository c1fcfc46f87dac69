// Gives out memory from one end to the other. reset() takes all of it back, for the next picture.

let next: usize = __heap_base;
/** Behind this, memory was never used, so it holds zeros. */
let unused: usize = __heap_base;

export function reset(): void {
  next = __heap_base;
}

/** Memory for `bytes`, filled with zeros, at a multiple of 16. Traps if WebAssembly gets no more memory. */
export function reserve(bytes: usize): usize {
  const at = (next + 15) & ~(<usize>15);
  next = at + bytes;
  const missing = <i32>((next + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  if (at < unused) memory.fill(at, 0, min(unused, next) - at);
  unused = max(unused, next);
  return at;
}
