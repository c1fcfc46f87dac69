// Which engine makes the outputs: photon and the JPEG decoder in the isolate, or, for what does not fit there and if so
// configured, Cloudflare's Images binding before them.
import { ImageError } from './image-error.ts';
import { jobsOf, type ResizeOptions, wantedShare } from './jobs.ts';
import { readHeader } from './read-header.ts';
import { checkPngWork, type ResizeReport, resizeImage } from './resize-image.ts';
import { shrinkWithBinding, shrunkSize } from './shrink-with-binding.ts';

export interface Images {
  /** As resizeImage(). Throws ImageError, which is permanent; anything else is worth another attempt. */
  resize(bytes: Uint8Array, options: readonly ResizeOptions[]): Promise<ResizeReport & { engine: EngineName }>;
}

/** `images`: Cloudflare's Images binding took part. */
export type EngineName = 'photon' | 'images';

/** `auto` uses the binding, if there is one, for pictures beyond the limits of this folder; `photon` never does. */
export function createImages(engine: 'photon' | 'auto', binding?: ImagesBinding): Images {
  return {
    async resize(bytes, options) {
      try {
        return { ...(await resizeImage(bytes, options)), engine: 'photon' };
      } catch (error) {
        const isTooLarge = error instanceof ImageError && error.code === 'image_too_large';
        if (!isTooLarge || engine !== 'auto' || !binding) throw error;
        const source = await readHeader(bytes);
        // Cloudflare takes none.
        if (source.format === 'bmp') throw error;
        const size = shrunkSize(source, wantedShare(jobsOf(source, options)));
        checkPngWork(size, options);
        const shrunk = await shrinkWithBinding(binding, bytes, source, size);
        return { ...(await resizeImage(shrunk, options)), source, engine: 'images' };
      }
    },
  };
}
