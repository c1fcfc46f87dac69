// The browser's time, read here only.

/** Epoch milliseconds. */
export function now(): number {
  return Date.now();
}
