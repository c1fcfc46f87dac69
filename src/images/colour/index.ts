// The colours of a picture: finds its profile and makes the conversion to sRGB. It decodes no pixels.
import { coloursOf } from '../jpeg-colours.ts';
import { readJpegFrame } from '../jpeg-frame.ts';
import type { Colour } from '../pixels.ts';
import { readPngFrame } from '../png-frame.ts';
import type { SourceFormat } from '../sniff-format.ts';
import { profileOfChunks, profileOfCodePoints } from './code-points.ts';
import { type Found, findProfile, jpegProfile } from './find-profile.ts';
import { type Profile, readProfile } from './read-profile.ts';
import { type Conversion, conversionOf } from './to-srgb.ts';

/**
 * What became of the colour profile of a picture. `none`: it has none. `srgb`: it has one, and its colours are sRGB already.
 * `converted`: its colours were converted to sRGB. `ignored`: the profile is damaged, or it is for other colours than those of
 * the picture; the colours were taken as sRGB.
 */
export type ProfileUse = 'none' | 'srgb' | 'converted' | 'ignored';

export interface Colours {
  profile: ProfileUse;
  /** Present with `converted`. */
  convert?: Conversion;
}

/**
 * Finds out how the colours of a picture are converted. `colour`: how it is stored, as far as the format tells.
 * @throws ImageError `unsupported_image` for HDR
 */
export async function readColours(bytes: Uint8Array, format: SourceFormat, colour: Colour): Promise<Colours> {
  const found = await findProfile(bytes, format);
  if (!found) return { profile: 'none' };
  const profile = profileOf(found);
  const fits = profile && (!('icc' in found) || profile.inputs === INPUTS[colour]);
  if (!fits) return { profile: 'ignored' };
  const convert = conversionOf(profile);
  return convert ? { profile: 'converted', convert } : { profile: 'srgb' };
}

/** The colours as they are stored. The decoder gives those of a PNG, WebP, GIF and BMP as RGBA. */
export function storedColour(bytes: Uint8Array, { format }: { format: SourceFormat }): Colour {
  if (format === 'jpeg') return coloursOf(readJpegFrame(bytes));
  return format === 'png' && readPngFrame(bytes).isGrey ? 'grey' : 'rgba';
}

/** The profile of a JPEG that a document must apply: undefined if the picture is sRGB, or its profile cannot be used. */
export async function profileForPdf(jpeg: Uint8Array): Promise<{ bytes: Uint8Array; components: number } | undefined> {
  const colour = storedColour(jpeg, { format: 'jpeg' });
  const { profile } = await readColours(jpeg, 'jpeg', colour);
  const bytes = jpegProfile(jpeg);
  return profile === 'converted' && bytes ? { bytes, components: INPUTS[colour] } : undefined;
}

const INPUTS: Record<Colour, number> = { grey: 1, rgb: 3, rgba: 3, cmyk: 4 };

function profileOf(found: Found): Profile | undefined {
  if ('cicp' in found) return profileOfCodePoints(found.cicp);
  if (!('icc' in found)) return profileOfChunks(found.gamma, found.chromaticities);
  try {
    return readProfile(found.icc);
  } catch (error) {
    // A DataView throws a RangeError too when a profile ends too early.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
