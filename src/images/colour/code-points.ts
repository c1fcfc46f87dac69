// The code points of ITU-T H.273 that a PNG can give (cICP), and the gamma and the primaries of older PNGs (gAMA, cHRM).
import { ImageError } from '../image-error.ts';
import { viewOf } from './bytes.ts';
import { type Curve, power } from './curve.ts';
import { type Chromaticities, SRGB, toXyz } from './matrix.ts';
import type { Profile } from './read-profile.ts';
import { decodeSrgb } from './srgb.ts';

const D65 = SRGB.white;

const PRIMARIES: Record<number, Chromaticities> = {
  1: SRGB,
  4: { red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: [0.31, 0.316] },
  5: { red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: D65 },
  6: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: D65 },
  7: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: D65 },
  9: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
  11: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: [0.314, 0.351] },
  12: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 },
};

const bt709: Curve = (value) => (value < 0.081243 ? value / 4.5 : ((value + 0.099297) / 1.099297) ** (1 / 0.45));
const CURVES: Record<number, Curve> = {
  ...{ 1: bt709, 6: bt709, 14: bt709, 15: bt709 },
  ...{ 4: power(2.2), 5: power(2.8), 8: power(1), 13: decodeSrgb },
};
/** The curves of HDR: the brightness of light itself, and that of a broadcast. */
const HDR: Record<number, string> = { 16: 'PQ', 18: 'HLG' };

/** Programs of sRGB write this gamma. */
const SRGB_GAMMA = 1 / 2.2;

/**
 * The profile of four code points: primaries, curve, matrix and range. Undefined for code points that mean nothing here.
 * @throws ImageError `unsupported_image` for HDR, whose brightness has no place in sRGB
 */
export function profileOfCodePoints([primaries = 0, transfer = 0, matrix = 0, full = 0]: Uint8Array):
  | Profile
  | undefined {
  const hdr = HDR[transfer];
  if (hdr) throw new ImageError('unsupported_image', `The PNG is HDR (${hdr}), which cannot be read: send one in SDR.`);
  const [space, curve] = [PRIMARIES[primaries], CURVES[transfer]];
  if (!space || !curve || matrix !== 0 || full !== 1) return undefined;
  return { kind: 'matrix', inputs: 3, curves: [curve, curve, curve], matrix: toXyz(space) };
}

/** The profile of the chunks gAMA and cHRM. Undefined when their numbers are impossible. */
export function profileOfChunks(
  gamma: Uint8Array | undefined,
  chromaticities: Uint8Array | undefined,
): Profile | undefined {
  const space = chromaticities ? readChromaticities(chromaticities) : SRGB;
  const exponent = gamma?.length === 4 ? viewOf(gamma).getUint32(0) / 100_000 : SRGB_GAMMA;
  if (!space || exponent < 0.05 || exponent > 20) return undefined;
  const curve = Math.abs(exponent - SRGB_GAMMA) < 0.005 ? decodeSrgb : power(1 / exponent);
  return { kind: 'matrix', inputs: 3, curves: [curve, curve, curve], matrix: toXyz(space) };
}

function readChromaticities(chunk: Uint8Array): Chromaticities | undefined {
  if (chunk.length !== 32) return undefined;
  const view = viewOf(chunk);
  const point = (index: number) =>
    [view.getUint32(8 * index) / 100_000, view.getUint32(8 * index + 4) / 100_000] as const;
  const [white, red, green, blue] = [point(0), point(1), point(2), point(3)];
  if ([white, red, green, blue].some(([x, y]) => y <= 0 || x + y > 1.01)) return undefined;
  return { red, green, blue, white };
}
