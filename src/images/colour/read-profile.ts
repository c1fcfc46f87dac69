// Reads an ICC profile of an input, display, output or colour space device (ICC.1:2022 and version 2).
import { fixed, signature, viewOf } from './bytes.ts';
import { type Curve, readCurve } from './curve.ts';
import { labToXyz, readTable, type ToXyz, xyzToLab } from './device-table.ts';
import { D50, type Matrix, type Triple, transposed } from './matrix.ts';

/** The colours that a profile describes: how the values of a picture lead to XYZ. */
export type Profile =
  /** One curve for each of red, green and blue, and a matrix from their light to XYZ. */
  | { kind: 'matrix'; inputs: 3; curves: readonly Curve[]; matrix: Matrix }
  /** A curve to light. */
  | { kind: 'grey'; inputs: 1; curve: Curve }
  /** `black` is the darkest colour of the device; it becomes the black of sRGB. */
  | { kind: 'table'; inputs: 1 | 3 | 4; toXyz: ToXyz; black: Triple };

const HEADER_BYTES = 128;
const MAX_TAGS = 200;
/** The darkest colour that tables of version 4 lead to (ICC.1:2022, 6.3.4.3). */
const BLACK_OF_VERSION_4: Triple = [0.00336, 0.0034731, 0.00287];
const MOST_BLACK_LIGHTNESS = 50;
const NEGATIVE_LIGHTNESS = 95;
const INPUTS: Record<string, 1 | 3 | 4> = { GRAY: 1, 'RGB ': 3, CMYK: 4 };
const SHAPER = ['rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC'];

/** @throws RangeError if the profile is damaged or of a kind that describes no picture */
export function readProfile(bytes: Uint8Array): Profile {
  const view = viewOf(bytes);
  if (bytes.length < HEADER_BYTES + 4 || signature(bytes, 36) !== 'acsp') throw new RangeError('not a profile');
  if (!['scnr', 'mntr', 'prtr', 'spac'].includes(signature(bytes, 12)))
    throw new RangeError('a profile of another kind');
  const space = signature(bytes, 16);
  const connection = signature(bytes, 20);
  if (connection !== 'XYZ ' && connection !== 'Lab ') throw new RangeError('a profile of another kind');
  const tags = readTags(bytes, view);
  const inputs = INPUTS[space];
  if (!inputs) throw new RangeError(`no table for the colours ${space}`);
  const shapes = inputs === 1 ? tags.has('kTRC') : inputs === 3 && SHAPER.every((name) => tags.has(name));
  const table = tags.get('A2B0') ?? (shapes ? undefined : (tags.get('A2B1') ?? tags.get('A2B2')));
  if (table) {
    const toXyz = readTable(table, inputs, connection);
    const hasFixedBlack = view.getUint8(8) >= 4 && !shapes;
    return { kind: 'table', inputs, toXyz, black: hasFixedBlack ? BLACK_OF_VERSION_4 : blackOf(toXyz, inputs) };
  }
  if (inputs === 1) return greyProfile(curveOf(tags, 'kTRC'), connection);
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((name) => curveOf(tags, name));
  const matrix = transposed([xyzOf(tags, 'rXYZ'), xyzOf(tags, 'gXYZ'), xyzOf(tags, 'bXYZ')]);
  return { kind: 'matrix', inputs: 3, curves, matrix };
}

function readTags(bytes: Uint8Array, view: DataView): Map<string, Uint8Array> {
  const tags = new Map<string, Uint8Array>();
  const count = Math.min(MAX_TAGS, view.getUint32(HEADER_BYTES));
  for (let at = HEADER_BYTES + 4; at < HEADER_BYTES + 4 + 12 * count; at += 12) {
    const [from, length] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    if (from + length > bytes.length) throw new RangeError('a tag reaches beyond the end');
    tags.set(signature(bytes, at), bytes.subarray(from, from + length));
  }
  return tags;
}

function tagOf(tags: Map<string, Uint8Array>, name: string): Uint8Array {
  const tag = tags.get(name);
  if (!tag) throw new RangeError(`there is no ${name}`);
  return tag;
}

function curveOf(tags: Map<string, Uint8Array>, name: string): Curve {
  return readCurve(tagOf(tags, name), 0).curve;
}

function xyzOf(tags: Map<string, Uint8Array>, name: string): Triple {
  const view = viewOf(tagOf(tags, name));
  return [fixed(view, 8), fixed(view, 12), fixed(view, 16)];
}

/** With Lab, the curve leads to lightness. */
function greyProfile(curve: Curve, connection: 'XYZ ' | 'Lab '): Profile {
  if (connection === 'XYZ ') return { kind: 'grey', inputs: 1, curve };
  return { kind: 'grey', inputs: 1, curve: (value) => labToXyz([100 * curve(value), 0, 0])[1] };
}

/** The darkest colour as LittleCMS finds it: all ink of a printer, or no light of a screen. */
function blackOf(toXyz: ToXyz, inputs: 1 | 3 | 4): Triple {
  return darkened(toXyz(inputs === 4 ? [1, 1, 1, 1] : [0, 0, 0]));
}

/** The colour, no lighter than a medium one; black for the profile of a negative, whose darkest value is white. */
export function darkened(colour: Triple): Triple {
  const [l, a, b] = xyzToLab(colour);
  if (l > NEGATIVE_LIGHTNESS || l < 0) return [0, 0, 0];
  return l > MOST_BLACK_LIGHTNESS ? labToXyz([MOST_BLACK_LIGHTNESS, a, b]) : colour;
}

/** XYZ with the black of a device moved to 0, and white left where it is. */
export function withoutBlack([x, y, z]: Triple, black: Triple): Triple {
  const move = (value: number, dark: number, white: number) => ((value - dark) * white) / (white - dark);
  return [move(x, black[0], D50[0]), move(y, black[1], D50[1]), move(z, black[2], D50[2])];
}
