// Chooses the engine that makes the outputs: photon and the JPEG decoder inside the isolate or, for pictures that do not
// fit there and if it is configured, Cloudflare's Images binding as a first step.
import { ImageError } from './image-error.ts';
import { jobsOf, type ResizeOptions, wantedShare } from './jobs.ts';
import { readHeader } from './read-header.ts';
import { checkPngWork, type ResizeReport, resizeImage } from './resize-image.ts';
import { shrinkWithBinding, shrunkSize } from './shrink-with-binding.ts';

export interface Images {
  /** The same as resizeImage(). Throws ImageError, which is permanent; any other error is worth another attempt. */
  resize(bytes: Uint8Array, options: readonly ResizeOptions[]): Promise<ResizeReport & { engine: EngineName }>;
}

/** `images` means that Cloudflare's Images binding was used. */
export type EngineName = 'photon' | 'images';

/** `auto` uses the binding, if there is one, for pictures beyond the limits of this room. `photon` never uses it. */
export function createImages(engine: 'photon' | 'auto', binding?: ImagesBinding): Images {
  return {
    async resize(bytes, options) {
      try {
        return { ...(await resizeImage(bytes, options)), engine: 'photon' };
      } catch (error) {
        const isTooLarge = error instanceof ImageError && error.code === 'image_too_large';
        if (!isTooLarge || engine !== 'auto' || !binding) throw error;
        const source = await readHeader(bytes);
        // Cloudflare's Images binding does not accept BMP.
        if (source.format === 'bmp') throw error;
        const size = shrunkSize(source, wantedShare(jobsOf(source, options)));
        checkPngWork(size, options);
        const shrunk = await shrinkWithBinding(binding, bytes, source, size);
        return { ...(await resizeImage(shrunk, options)), source, engine: 'images' };
      }
    },
  };
}
