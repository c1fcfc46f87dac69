// Cloudflare's Images binding as a first step for what does not fit into the isolate: it decodes elsewhere and sends back
// a PNG no larger than the outputs need, from which all goes on as with any picture. One transformation a picture.
import { ImageError } from './image-error.ts';
import { checkPixels, MAX_UNSCALED_PIXELS } from './limits.ts';
import type { Size } from './place.ts';
import type { ImageHeader } from './read-header.ts';
import { isQuarterTurn } from './read-orientation.ts';

/** What Cloudflare takes: https://developers.cloudflare.com/images/get-started/limits/ */
const MAX_PIXELS = 100_000_000;
const MAX_SIDE = 12_000;

/** Cloudflare's numbers for a picture that no further attempt will help: too large, not an image, an unknown format. */
const TOO_LARGE = 9413;
const UNREADABLE = [9401, 9402, 9412, 9520];

/**
 * The picture, upright, as a PNG of `share` of its size.
 * @throws ImageError for what Cloudflare does not take; anything else is worth another attempt
 */
export async function shrinkWithBinding(
  binding: ImagesBinding,
  bytes: Uint8Array,
  source: ImageHeader,
  share: number,
): Promise<Uint8Array> {
  const size = shrunkSize(source, share);
  checkSource(source);
  checkPixels({ format: 'png', ...size }, MAX_UNSCALED_PIXELS);
  try {
    const stream = new Blob([bytes]).stream();
    const shrunk = await binding
      .input(stream)
      .transform({ ...size, fit: 'scale-down' })
      .output({ format: 'image/png' });
    return new Uint8Array(await shrunk.response().arrayBuffer());
  } catch (error) {
    const { code, message } = error as ImagesError;
    if (code === TOO_LARGE) throw new ImageError('image_too_large', `Cloudflare Images: ${message}`, { cause: error });
    if (UNREADABLE.includes(code))
      throw new ImageError('broken_image', `Cloudflare Images cannot read it: ${message}`, { cause: error });
    throw error;
  }
}

/** Rounded up, so that it covers what it is for. */
function shrunkSize({ width, height, orientation }: ImageHeader, share: number): Size {
  const scale = Math.min(1, share);
  const stored = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
  return isQuarterTurn(orientation) ? { width: stored.height, height: stored.width } : stored;
}

function checkSource({ width, height }: ImageHeader): void {
  if (width * height <= MAX_PIXELS && Math.max(width, height) <= MAX_SIDE) return;
  throw new ImageError(
    'image_too_large',
    `${width}×${height} is beyond what Cloudflare Images takes: ${MAX_PIXELS / 1e6} megapixels, and ${MAX_SIDE} pixels a side.`,
  );
}
