// The one error of this folder. Trying the same bytes again fails the same way, so it is always permanent.

/**
 * - `not_an_image`: the bytes are of no known picture format
 * - `unsupported_image`: a picture, of a kind that cannot be read here (HEIC, arithmetic JPEG …)
 * - `broken_image`: truncated or damaged
 * - `image_too_large`: beyond a limit, which the message names
 * - `invalid_size`: the wanted size or quality is out of range
 */
export type ImageErrorCode = 'not_an_image' | 'unsupported_image' | 'broken_image' | 'image_too_large' | 'invalid_size';

/** Why a picture cannot be resized. The message names the limit or the fault and is fit for the reader of a task's error. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
    this.code = code;
  }
}
