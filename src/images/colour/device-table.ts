// Reads the tables of an ICC profile that lead from the colours of a device to XYZ: lut8Type, lut16Type and lutAToBType
// (ICC.1:2022, 10.10 to 10.12).
import { fixed, signature, viewOf } from './bytes.ts';
import { type Curve, readCurve, table } from './curve.ts';
import { type Lattice, reader, valueCount } from './lattice.ts';
import { D50, type Triple } from './matrix.ts';

/** From the values of a device, 0 … 1 each, to XYZ. */
export type ToXyz = (device: ArrayLike<number>) => Triple;

type Values = Float64Array;
/** One step of the calculation; it may change its input. */
type Stage = (values: Values) => Values;

/** More values than any honest table has. */
const MAX_VALUES = 1_500_000;
/** The numbers of XYZ are stored as parts of this. */
const XYZ_RANGE = 1 + 32_767 / 32_768;

/** @throws RangeError if the table is damaged or of another type */
export function readTable(tag: Uint8Array, inputs: number, space: 'XYZ ' | 'Lab '): ToXyz {
  const type = signature(tag, 0);
  const read = { mft1: readFixedTable, mft2: readFixedTable, 'mAB ': readFlexibleTable }[type];
  if (!read) throw new RangeError(`unknown table ${type}`);
  if (tag[8] !== inputs || tag[9] !== 3) throw new RangeError('a table is for other colours');
  const stages = read(tag, inputs);
  // Tables of 16 bits store Lab as version 2 did: white is 0xff00, not 0xffff.
  const scale = type === 'mft2' ? 65_535 / 65_280 : 1;
  return (device) => {
    const [a = 0, b = 0, c = 0] = stages.reduce<Values>((values, stage) => stage(values), Float64Array.from(device));
    if (space === 'XYZ ') return [a * XYZ_RANGE, b * XYZ_RANGE, c * XYZ_RANGE];
    return labToXyz([a * scale * 100, b * scale * 255 - 128, c * scale * 255 - 128]);
  };
}

export function labToXyz([l, a, b]: Triple): Triple {
  const y = (l + 16) / 116;
  const light = (value: number) => (value > 6 / 29 ? value ** 3 : (108 / 841) * (value - 4 / 29));
  return [D50[0] * light(y + a / 500), D50[1] * light(y), D50[2] * light(y - b / 200)];
}

export function xyzToLab([x, y, z]: Triple): Triple {
  const root = (value: number) => (value > 216 / 24_389 ? Math.cbrt(value) : (841 / 108) * value + 4 / 29);
  const [fx, fy, fz] = [root(x / D50[0]), root(y / D50[1]), root(z / D50[2])];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** Matrix, curves, lattice, curves: each present. */
function readFixedTable(tag: Uint8Array, inputs: number): Stage[] {
  const view = viewOf(tag);
  const bytes = signature(tag, 0) === 'mft1' ? 1 : 2;
  const [before, after] = bytes === 1 ? [256, 256] : [view.getUint16(48), view.getUint16(50)];
  if (before < 2 || after < 2) throw new RangeError('a curve is too short');
  const number = (index: number) =>
    bytes === 1 ? view.getUint8(start + index) / 255 : view.getUint16(start + 2 * index) / 65_535;
  const start = bytes === 1 ? 48 : 52;
  const curves = (from: number, count: number, length: number) =>
    Array.from({ length: count }, (_, curve) =>
      table(Float64Array.from({ length }, (__, index) => number(from + curve * length + index))),
    );
  const points = Array.from({ length: inputs }, () => tag[10] ?? 0);
  const total = countOf(points);
  const lattice = Float32Array.from({ length: total }, (_, index) => number(inputs * before + index));
  return [
    ...(inputs === 3 ? [matrixStage(view, 12, 0)] : []),
    curveStage(curves(0, inputs, before)),
    latticeStage({ points, values: lattice, outputs: 3 }),
    curveStage(curves(inputs * before + total, 3, after)),
  ];
}

/** Curves A, lattice, curves M, matrix, curves B: those whose offset is not 0. */
function readFlexibleTable(tag: Uint8Array, inputs: number): Stage[] {
  const view = viewOf(tag);
  const [b = 0, matrix = 0, m = 0, lattice = 0, a = 0] = [12, 16, 20, 24, 28].map((at) => view.getUint32(at));
  if (lattice === 0 && inputs !== 3) throw new RangeError('a table has no lattice');
  return [
    ...(a === 0 ? [] : [curveStage(curvesAt(tag, a, inputs))]),
    ...(lattice === 0 ? [] : [latticeStage(latticeAt(tag, lattice, inputs))]),
    ...(m === 0 ? [] : [curveStage(curvesAt(tag, m, 3))]),
    ...(matrix === 0 ? [] : [matrixStage(view, matrix, matrix + 36)]),
    curveStage(curvesAt(tag, b, 3)),
  ];
}

/** Each curve begins at a multiple of four bytes. */
function curvesAt(tag: Uint8Array, start: number, count: number): Curve[] {
  let at = start;
  return Array.from({ length: count }, () => {
    const { curve, end } = readCurve(tag, at);
    at = Math.ceil(end / 4) * 4;
    return curve;
  });
}

function latticeAt(tag: Uint8Array, at: number, inputs: number): Lattice {
  const view = viewOf(tag);
  const points = [...tag.subarray(at, at + inputs)];
  const bytes = tag[at + 16];
  const number = (index: number) =>
    bytes === 1 ? view.getUint8(at + 20 + index) / 255 : view.getUint16(at + 20 + 2 * index) / 65_535;
  return { points, values: Float32Array.from({ length: countOf(points) }, (_, index) => number(index)), outputs: 3 };
}

function countOf(points: readonly number[]): number {
  const total = valueCount(points, 3);
  if (points.some((count) => count < 2) || total > MAX_VALUES) throw new RangeError('a lattice has no proper size');
  return total;
}

function curveStage(curves: Curve[]): Stage {
  return (values) => values.map((value, index) => Math.min(1, Math.max(0, curves[index]?.(value) ?? value)));
}

function latticeStage(lattice: Lattice): Stage {
  const read = reader(lattice);
  const result = new Float64Array(3);
  return (values) => {
    read(values, result);
    return result;
  };
}

/** `offset`: where three numbers to add are; 0 for none. */
function matrixStage(view: DataView, at: number, offset: number): Stage {
  const numbers = Array.from({ length: 9 }, (_, index) => fixed(view, at + 4 * index));
  const added = [0, 1, 2].map((index) => (offset === 0 ? 0 : fixed(view, offset + 4 * index)));
  return (values) =>
    Float64Array.from([0, 1, 2], (row) =>
      [0, 1, 2].reduce(
        (sum, column) => sum + (numbers[3 * row + column] ?? 0) * (values[column] ?? 0),
        added[row] ?? 0,
      ),
    );
}
