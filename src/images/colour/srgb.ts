// Makes bytes of sRGB (IEC 61966-2-1) from XYZ. What sRGB cannot show is cut off, as in every program.
import { lazy } from '../../lazy.ts';
import { inverse, type Matrix, SRGB, toXyz } from './matrix.ts';

/** From XYZ to linear light of sRGB. */
export const xyzToSrgb = lazy((): Matrix => inverse(toXyz(SRGB)));

const STEPS = 4095;
const encoded = lazy(() =>
  Uint8Array.from({ length: STEPS + 1 }, (_, step) => Math.round(255 * encodeValue(step / STEPS))),
);

/** Linear light as a value of sRGB, 0 … 1. */
export function encodeValue(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 1;
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}

/** Linear light, 0 … 1, as a byte of sRGB. Dark values are calculated, because the curve is steep there. */
export function encodeByte(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return light < 0.02 ? Math.round(255 * encodeValue(light)) : (encoded()[Math.round(light * STEPS)] ?? 0);
}

/** From a value of sRGB to linear light. */
export function decodeSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
