// image.thumbnail: an uploaded picture, upright and no larger than asked. The seed's process_image.
import { z } from 'zod';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { outputKey } from '../files/index.ts';
import { ImageError, MAX_OUTPUT_SIDE, resizeImage } from '../images/index.ts';

const side = z.int().min(1).max(MAX_OUTPUT_SIDE);

/** What a caller may choose. Defaults: the seed's `thumbnail((500, 500))`. */
export const thumbnailOptions = z.object({
  width: side.default(500),
  height: side.default(500),
  fit: z.enum(['inside', 'cover', 'contain']).default('inside'),
  format: z.enum(['jpeg', 'png', 'webp']).default('jpeg'),
  quality: z.int().min(1).max(100).default(80),
});

const outputSchema = z.object({
  key: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  content_type: z.string(),
});

export const makeThumbnail = defineTask({
  name: 'image.thumbnail',
  input: thumbnailOptions.extend({ file: z.string().startsWith('uploads/') }),
  output: z.object({
    source: z.object({ file: z.string(), format: z.string(), width: z.int(), height: z.int(), orientation: z.int() }),
    outputs: z.array(outputSchema),
    /** The most WASM memory the work held, in bytes: an isolate has 128 MB for everything. */
    peak_wasm_bytes: z.int(),
  }),
  queue: 'files',
  timeoutSeconds: 120,
  async run({ file, ...options }, { services, progress }) {
    const source = await services.files.read(file);
    if (!source) throw new PermanentFailure(`there is no file ${file}`, 'file_not_found');
    progress(20, 'resizing');
    const resized = await resizeImage(source.bytes, [options]).catch((error: unknown) => {
      // Another attempt would meet the same bytes and the same limits.
      throw error instanceof ImageError ? new PermanentFailure(error.message, error.code, { cause: error }) : error;
    });
    progress(80, 'writing');
    const [output] = resized.outputs;
    if (!output) throw new Error('no output');
    const { bytes, width, height, contentType } = output;
    const key = await outputKey(
      'images',
      [source.file.etag, options],
      options.format === 'jpeg' ? 'jpg' : options.format,
    );
    const filename = `${source.file.filename.replace(/\.[^.]*$/, '')}-${width}x${height}.${key.split('.').at(-1)}`;
    await services.files.write(key, bytes, { filename, contentType });
    const { format, orientation, width: sourceWidth, height: sourceHeight } = resized.source;
    return {
      source: { file, format, width: sourceWidth, height: sourceHeight, orientation },
      outputs: [{ key, width, height, bytes: bytes.byteLength, content_type: contentType }],
      peak_wasm_bytes: resized.peakWasmBytes,
    };
  },
});
