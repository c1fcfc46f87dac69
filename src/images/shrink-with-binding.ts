// Uses Cloudflare's Images binding as a first step for a picture that does not fit into the isolate. The binding decodes it
// and returns a PNG no larger than the outputs need, which is then processed like any picture. It costs one transformation
// per picture.
import { ImageError } from './image-error.ts';
import { isCutOff } from './is-cut-off.ts';
import { checkJpegIsWhole } from './jpeg-frame.ts';
import type { Size } from './place.ts';
import type { ImageHeader } from './read-header.ts';
import { isQuarterTurn } from './read-orientation.ts';

/**
 * The limits of Cloudflare Images (https://developers.cloudflare.com/images/get-started/limits/) and of its binding
 * (https://developers.cloudflare.com/images/optimization/binding/).
 */
const MAX_BYTES = 20_000_000;
const MAX_PIXELS = 100_000_000;
const MAX_SIDE = 12_000;

/** Cloudflare's error numbers that are permanent for a picture: too large, not an image, unknown format. */
const TOO_LARGE = 9413;
const UNREADABLE = [9401, 9402, 9412, 9520];
/** The binding's message for an answer without an error number. These statuses say that the picture is the cause. */
const REFUSED = /error response (400|413|415|422)\b/;

/**
 * Returns the picture, upright, as a PNG of this size. A file that is cut off is not sent: the attempt would cost money, and the
 * answer would not say what is wrong.
 * @throws ImageError for a picture that Cloudflare does not accept; any other error is worth another attempt
 */
export async function shrinkWithBinding(
  binding: ImagesBinding,
  bytes: Uint8Array,
  source: ImageHeader,
  size: Size,
): Promise<Uint8Array> {
  checkSource(source, bytes.length);
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
      throw new ImageError('image_too_large', `Cloudflare Images refused the picture: ${message}`, { cause: error });
    if (UNREADABLE.includes(code) || status)
      throw new ImageError('broken_image', `Cloudflare Images cannot read the picture: ${message}`, { cause: error });
    throw error;
  }
}

/** The upright size of a share of the picture, rounded up, so that it covers the output. */
export function shrunkSize({ width, height, orientation }: ImageHeader, share: number): Size {
  const scale = Math.min(1, share);
  const stored = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
  return isQuarterTurn(orientation) ? { width: stored.height, height: stored.width } : stored;
}

function checkSource({ width, height }: ImageHeader, fileBytes: number): void {
  if (fileBytes > MAX_BYTES) {
    throw new ImageError(
      'image_too_large',
      `The file has ${fileBytes} bytes; Cloudflare's Images binding takes at most ${MAX_BYTES}.`,
    );
  }
  if (width * height <= MAX_PIXELS && Math.max(width, height) <= MAX_SIDE) return;
  throw new ImageError(
    'image_too_large',
    `${width}×${height} is beyond the limits of Cloudflare Images: ${MAX_PIXELS / 1e6} megapixels, and ${MAX_SIDE} pixels per side.`,
  );
}

/** readHeader() has checked the end of a WebP already. */
function checkEnd(bytes: Uint8Array, { format }: ImageHeader): void {
  if (format === 'jpeg') checkJpegIsWhole(bytes);
  if ((format !== 'png' && format !== 'gif') || !isCutOff[format](bytes)) return;
  throw new ImageError(
    'broken_image',
    `The ${format.toUpperCase()} is damaged: it ends before its end, so part of the picture is missing.`,
  );
}
