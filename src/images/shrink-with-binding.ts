// Cloudflare's Images binding as a first step for what does not fit into the isolate: it decodes elsewhere and sends back
// a PNG no larger than the outputs need, from which all goes on as with any picture. One transformation a picture.
import { ImageError } from './image-error.ts';
import { isCutOff } from './is-cut-off.ts';
import { checkJpegIsWhole } from './jpeg-frame.ts';
import type { Size } from './place.ts';
import type { ImageHeader } from './read-header.ts';
import { isQuarterTurn } from './read-orientation.ts';

/** What Cloudflare takes: https://developers.cloudflare.com/images/get-started/limits/ */
const MAX_PIXELS = 100_000_000;
const MAX_SIDE = 12_000;

/** Cloudflare's numbers for a picture that no further attempt will help: too large, not an image, an unknown format. */
const TOO_LARGE = 9413;
const UNREADABLE = [9401, 9402, 9412, 9520];
/** The binding's words for an answer without a number, of which these say that it is the picture. */
const REFUSED = /error response (400|413|415|422)\b/;

/**
 * The picture, upright, as a PNG of this size. What is cut off is not sent: it is paid for, and the answer does not say why.
 * @throws ImageError for what Cloudflare does not take; anything else is worth another attempt
 */
export async function shrinkWithBinding(
  binding: ImagesBinding,
  bytes: Uint8Array,
  source: ImageHeader,
  size: Size,
): Promise<Uint8Array> {
  checkSource(source);
  checkEnd(bytes, source);
  try {
    const stream = new Blob([bytes]).stream();
    const shrunk = await binding
      .input(stream)
      .transform({ ...size, fit: 'scale-down' })
      .output({ format: 'image/png' });
    return new Uint8Array(await shrunk.response().arrayBuffer());
  } catch (error) {
    const { code, message } = error as ImagesError;
    const status = REFUSED.exec(message)?.[1];
    if (code === TOO_LARGE || status === '413')
      throw new ImageError('image_too_large', `Cloudflare Images: ${message}`, { cause: error });
    if (UNREADABLE.includes(code) || status)
      throw new ImageError('broken_image', `Cloudflare Images cannot read it: ${message}`, { cause: error });
    throw error;
  }
}

/** The upright size of a share of the picture. Rounded up, so that it covers what it is for. */
export function shrunkSize({ width, height, orientation }: ImageHeader, share: number): Size {
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

/** The end of a WebP was looked for with its header. */
function checkEnd(bytes: Uint8Array, { format }: ImageHeader): void {
  if (format === 'jpeg') checkJpegIsWhole(bytes);
  if ((format !== 'png' && format !== 'gif') || !isCutOff[format](bytes)) return;
  throw new ImageError(
    'broken_image',
    `The ${format.toUpperCase()} is damaged: it ends before its end, so part of the picture is missing.`,
  );
}
