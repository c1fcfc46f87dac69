// The browser's clock. No other file of the dashboard reads it.

/** Epoch milliseconds. */
export function now(): number {
  return Date.now();
}
