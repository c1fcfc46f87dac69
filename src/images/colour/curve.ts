// Reads the curves of an ICC profile (ICC.1:2022, 10.6 and 10.18): from 0 … 1 to 0 … 1.
import { fixed, signature, viewOf } from './bytes.ts';

export type Curve = (value: number) => number;

/** How many numbers each kind of parametric curve has. */
const PARAMETERS = [1, 3, 4, 5, 7];

/** The curve that begins at `at`, and where it ends. @throws RangeError if the bytes end too early or are of another type */
export function readCurve(bytes: Uint8Array, at: number): { curve: Curve; end: number } {
  const view = viewOf(bytes);
  const type = signature(bytes, at);
  if (type === 'para') {
    const kind = view.getUint16(at + 8);
    const count = PARAMETERS[kind];
    if (count === undefined) throw new RangeError(`unknown parametric curve ${kind}`);
    const values = Array.from({ length: count }, (_, index) => fixed(view, at + 12 + 4 * index));
    return { curve: parametric(kind, values), end: at + 12 + 4 * count };
  }
  if (type !== 'curv') throw new RangeError(`unknown curve ${type}`);
  const count = view.getUint32(at + 8);
  const end = at + 12 + 2 * count;
  if (end > bytes.length) throw new RangeError('a curve ends too early');
  if (count === 0) return { curve: (value) => value, end };
  if (count === 1) return { curve: power(view.getUint16(at + 12) / 256), end };
  return {
    curve: table(Float64Array.from({ length: count }, (_, index) => view.getUint16(at + 12 + 2 * index) / 65_535)),
    end,
  };
}

/** A straight line between each two of the values, which are spread evenly. */
export function table(values: Float64Array): Curve {
  const last = values.length - 1;
  return (value) => {
    const position = Math.min(1, Math.max(0, value)) * last;
    const index = Math.min(last - 1, Math.floor(position));
    const low = values[index] ?? 0;
    return low + ((values[index + 1] ?? low) - low) * (position - index);
  };
}

export function power(exponent: number): Curve {
  return (value) => Math.max(0, value) ** exponent;
}

/** A power of a·x + b with too small an `a` leads to nothing. */
const LEAST_SLOPE = 0.0001;

/**
 * Each kind is a power and, except the first, another rule below a limit. Where the standard leaves a case open, this does what
 * LittleCMS does: in kind 2, the power of 0 is 0 without the added c.
 */
function parametric(kind: number, [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0]: number[]): Curve {
  const raised = (value: number) => Math.max(0, a * value + b) ** g;
  if (kind === 0) return power(g);
  if (kind <= 2 && Math.abs(a) < LEAST_SLOPE) return () => 0;
  const limit = -b / a;
  if (kind === 1) return (value) => (value >= limit ? raised(value) : 0);
  if (kind === 2) {
    return (value) => {
      if (value < Math.max(0, limit)) return c;
      return a * value + b > 0 ? raised(value) + c : 0;
    };
  }
  if (kind === 3) return (value) => (value >= d ? raised(value) : c * value);
  return (value) => (value >= d ? raised(value) + e : c * value + f);
}
