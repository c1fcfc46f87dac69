/** A number with at most two decimals, as short as a content stream accepts it. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
