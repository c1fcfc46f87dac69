// The only error of this room. The same bytes always fail in the same way, so it is always permanent.

/**
 * - `not_an_image`: the bytes are not of a known picture format
 * - `unsupported_image`: a picture of a kind that cannot be read here (HEIC, arithmetic JPEG, …)
 * - `broken_image`: cut off or damaged
 * - `image_too_large`: beyond a limit, which the message names
 * - `invalid_size`: the wanted size or quality is out of range
 */
export type ImageErrorCode = 'not_an_image' | 'unsupported_image' | 'broken_image' | 'image_too_large' | 'invalid_size';

/** Why a picture cannot be used. The message says what is wrong; a user reads it as the error of a task. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
    this.code = code;
  }
}
