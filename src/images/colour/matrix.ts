// Colours as three numbers of light, and the 3 × 3 matrices that convert them. XYZ is relative to D50, as in ICC profiles.

export type Triple = readonly [number, number, number];
export type Matrix = readonly [Triple, Triple, Triple];

/** The white of ICC profiles. */
export const D50: Triple = [0.9642, 1, 0.8249];

/** Bradford's matrix, by which eyes adapt to another white. */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** The x and y of the three primaries and the white. */
export interface Chromaticities {
  red: readonly [number, number];
  green: readonly [number, number];
  blue: readonly [number, number];
  white: readonly [number, number];
}

export const SRGB: Chromaticities = {
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
  white: [0.3127, 0.329],
};

export function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  const row = ([a, b, c]: Triple) => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

export function product(left: Matrix, right: Matrix): Matrix {
  return transposed([column(0), column(1), column(2)]);
  function column(index: 0 | 1 | 2): Triple {
    return times(left, [right[0][index], right[1][index], right[2][index]]);
  }
}

export function transposed([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

export function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (Math.abs(determinant) < 1e-9) throw new RangeError('a matrix has no inverse');
  const scale = (...row: number[]) => row.map((value) => value / determinant) as unknown as Triple;
  return [
    scale(e * i - f * h, c * h - b * i, b * f - c * e),
    scale(f * g - d * i, a * i - c * g, c * d - a * f),
    scale(d * h - e * g, b * g - a * h, a * e - b * d),
  ];
}

/** From linear light of these primaries to XYZ, with the white adapted to D50. */
export function toXyz({ red, green, blue, white }: Chromaticities): Matrix {
  const primaries = transposed([xyz(red), xyz(green), xyz(blue)]);
  const [r, g, b] = times(inverse(primaries), xyz(white));
  const scaled = transposed([scaledBy(xyz(red), r), scaledBy(xyz(green), g), scaledBy(xyz(blue), b)]);
  return product(adaptation(xyz(white)), scaled);
}

function adaptation(white: Triple): Matrix {
  const [from, to] = [times(BRADFORD, white), times(BRADFORD, D50)];
  const scale: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ];
  return product(inverse(BRADFORD), product(scale, BRADFORD));
}

function xyz([x, y]: readonly [number, number]): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

export function scaledBy([x, y, z]: Triple, factor: number): Triple {
  return [x * factor, y * factor, z * factor];
}
