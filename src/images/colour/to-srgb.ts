// Converts pixels of a profile to sRGB. Matrix profiles are calculated for every pixel; tables are read once, into a lattice of
// sRGB colours.
import { CHANNELS, type Pixels, toRgba } from '../pixels.ts';
import type { Curve } from './curve.ts';
import { type Lattice, reader, valueCount } from './lattice.ts';
import { D50, product, scaledBy, type Triple, times, transposed } from './matrix.ts';
import { darkened, type Profile, withoutBlack } from './read-profile.ts';
import { encodeByte, encodeValue, xyzToSrgb } from './srgb.ts';

/** Makes RGBA in sRGB of decoded pixels. */
export type Conversion = (pixels: Pixels) => Pixels;

type MatrixProfile = Extract<Profile, { kind: 'matrix' }>;
type TableProfile = Extract<Profile, { kind: 'table' }>;

/** The points of the lattice along each input. */
const POINTS = { 3: 25, 4: 13 };
/** A profile that changes no colour by more than this, of 255, is sRGB. */
const NO_DIFFERENCE = 1.5;

/** The conversion; undefined if the profile is sRGB already. The pixels must have the colours of the profile. */
export function conversionOf(profile: Profile): Conversion | undefined {
  if (profile.kind === 'matrix') return isSrgb(profile) ? undefined : matrixConversion(profile);
  if (profile.kind === 'grey') return greyConversion((value) => lightOfGrey(profile.curve, value));
  if (profile.inputs === 1) return greyConversion((value) => lightOfTable(profile, [value]));
  return tableConversion(profile, profile.inputs);
}

/** Linear light of sRGB. */
function lightOfGrey(curve: Curve, value: number): Triple {
  const black = darkened(scaledBy(D50, curve(0)))[1];
  const light = (curve(value) - black) / (1 - black);
  return [light, light, light];
}

function lightOfTable({ toXyz, black }: TableProfile, device: ArrayLike<number>): Triple {
  return times(xyzToSrgb(), withoutBlack(toXyz(device), black));
}

/** Every value of grey is calculated once. A table may give it a tint. */
function greyConversion(lightOf: (value: number) => Triple): Conversion | undefined {
  const colours = Array.from({ length: 256 }, (_, value) => lightOf(value / 255).map(encodeByte));
  if (colours.every((colour, value) => colour.every((part) => Math.abs(part - value) < NO_DIFFERENCE)))
    return undefined;
  const table = Uint8Array.from(colours.flat());
  return (pixels) => {
    const { data, ...rest } = toRgba(pixels);
    const target = new Uint8Array(data.length);
    for (let at = 0; at < data.length; at += 4) {
      const from = 3 * (data[at] ?? 0);
      target[at] = table[from] ?? 0;
      target[at + 1] = table[from + 1] ?? 0;
      target[at + 2] = table[from + 2] ?? 0;
      target[at + 3] = data[at + 3] ?? 255;
    }
    return { ...rest, data: target };
  };
}

/** Compares colours over the whole range. */
function isSrgb({ curves, matrix }: MatrixProfile): boolean {
  const all = product(xyzToSrgb(), matrix);
  const steps = [0, 0.1, 0.25, 0.5, 0.75, 1];
  return steps.every((r) =>
    steps.every((g) =>
      steps.every((b) => {
        const [red = r, green = g, blue = b] = curves.map((curve, index) => curve([r, g, b][index] ?? 0));
        const light = times(all, [red, green, blue]);
        return light.every(
          (value, index) => Math.abs(255 * (encodeValue(value) - ([r, g, b][index] ?? 0))) < NO_DIFFERENCE,
        );
      }),
    ),
  );
}

function matrixConversion({ curves, matrix }: MatrixProfile): Conversion {
  const [reds, greens, blues] = curves.map((curve) => Float64Array.from({ length: 256 }, (_, at) => curve(at / 255)));
  const black = darkened(times(matrix, [reds?.[0] ?? 0, greens?.[0] ?? 0, blues?.[0] ?? 0]));
  const toLight = (device: Triple) => times(xyzToSrgb(), withoutBlack(times(matrix, device), black));
  const [x, y, z] = toLight([0, 0, 0]);
  const columns = [toLight([1, 0, 0]), toLight([0, 1, 0]), toLight([0, 0, 1])] as const;
  const [[a, b, c], [d, e, f], [g, h, i]] = transposed(columns);
  return (pixels) => {
    const { data, ...rest } = toRgba(pixels);
    const target = new Uint8Array(data.length);
    for (let at = 0; at < data.length; at += 4) {
      const red = reds?.[data[at] ?? 0] ?? 0;
      const green = greens?.[data[at + 1] ?? 0] ?? 0;
      const blue = blues?.[data[at + 2] ?? 0] ?? 0;
      target[at] = encodeByte(x + (a - x) * red + (b - x) * green + (c - x) * blue);
      target[at + 1] = encodeByte(y + (d - y) * red + (e - y) * green + (f - y) * blue);
      target[at + 2] = encodeByte(z + (g - z) * red + (h - z) * green + (i - z) * blue);
      target[at + 3] = data[at + 3] ?? 255;
    }
    return { ...rest, data: target };
  };
}

function tableConversion(profile: TableProfile, inputs: 3 | 4): Conversion {
  const points = Array.from({ length: inputs }, () => POINTS[inputs]);
  const values = new Float32Array(valueCount(points, 3));
  const device = new Float64Array(inputs);
  for (let node = 0, rest = 0; node * 3 < values.length; node++) {
    rest = node;
    for (let input = inputs - 1; input >= 0; input--) {
      device[input] = (rest % POINTS[inputs]) / (POINTS[inputs] - 1);
      rest = Math.floor(rest / POINTS[inputs]);
    }
    const light = lightOfTable(profile, device);
    for (let channel = 0; channel < 3; channel++) values[node * 3 + channel] = 255 * encodeValue(light[channel] ?? 0);
  }
  return (pixels) => throughLattice(inputs === 4 ? pixels : toRgba(pixels), { points, values, outputs: 3 });
}

function throughLattice({ data, width, height, colour }: Pixels, lattice: Lattice): Pixels {
  const read = reader(lattice);
  const inputs = new Float64Array(lattice.points.length);
  const target = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < target.length; at += CHANNELS.rgba) {
    for (let input = 0; input < inputs.length; input++) inputs[input] = (data[at + input] ?? 0) / 255;
    read(inputs, target, at);
    target[at + 3] = colour === 'rgba' ? (data[at + 3] ?? 255) : 255;
  }
  return { data: new Uint8Array(target.buffer), width, height, colour: 'rgba' };
}
