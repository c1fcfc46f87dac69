// image.thumbnail: turns an uploaded picture upright and makes one or several smaller variants from one decode.
import { z } from 'zod';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { derivedFilename, type Files, FileTooLarge, outputKey, type StoredFile } from '../files/index.ts';
import {
  type EngineName,
  ImageError,
  MAX_OUTPUT_SIDE,
  type Metadata,
  type ResizedImage,
  type ResizeOptions,
  readMetadata,
} from '../images/index.ts';
import { lazy } from '../lazy.ts';

/** The message for AVIF says what to choose instead; for the others, undefined gives the usual one. */
const refuseFormat = ({ input }: { input?: unknown }) =>
  input === 'avif' ? 'AVIF cannot be written: its encoder is too large for a Worker. Choose webp' : undefined;

const side = lazy(() => z.int().min(1).max(MAX_OUTPUT_SIDE));

/** How one output is made. */
const outputOptions = lazy(() =>
  z.object({
    width: side().default(500),
    height: side().default(500),
    fit: z.enum(['inside', 'cover', 'contain']).default('inside'),
    format: z.enum(['jpeg', 'png', 'webp', 'webp-lossless'], { error: refuseFormat }).default('jpeg'),
    quality: z.int().min(1).max(100).default(80),
  }),
);

const variant = lazy(() =>
  outputOptions().extend({
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, _ and -'),
  }),
);

/** The options that a caller may set. With `variants`, the options of a single output beside it are ignored. */
export const thumbnailOptions = lazy(() =>
  outputOptions().extend({
    variants: z
      .array(variant().strict())
      .min(1)
      .max(10)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must not use a name twice')
      .optional(),
    /** True: the result says where the picture was taken, if the picture contains it. */
    gps: z.boolean().default(false),
  }),
);

const EXTENSIONS = { jpeg: 'jpg', png: 'png', webp: 'webp', 'webp-lossless': 'webp' };

/** The name of the output when the caller asks for no variants. */
const ONLY_NAME = 'thumbnail';

export const imageOutput = lazy(() =>
  z.object({
    name: z.string(),
    key: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    content_type: z.string(),
  }),
);

export const makeThumbnail = defineTask({
  name: 'image.thumbnail',
  input: () => thumbnailOptions().extend({ file: z.string().startsWith('uploads/') }),
  output: () =>
    z.object({
      source: z.object({ file: z.string(), format: z.string(), width: z.int(), height: z.int(), orientation: z.int() }),
      outputs: z.array(imageOutput()),
      /** A ThumbHash in base64. */
      placeholder: z.string(),
      dominant_colour: z.string().nullable(),
      metadata: z.object({
        camera_make: z.string().nullable(),
        camera_model: z.string().nullable(),
        taken_at: z.string().nullable(),
        gps: z.object({ latitude: z.number(), longitude: z.number() }).nullable().optional(),
      }),
      /** What became of the colour profile of the source. The outputs are sRGB. */
      colour_profile: z.enum(['none', 'srgb', 'converted', 'ignored']),
      engine: z.enum(['photon', 'images']),
      /** The most WebAssembly memory that was held, in bytes. An isolate has 128 MB for everything. */
      peak_wasm_bytes: z.int(),
    }),
  queue: 'files',
  timeoutSeconds: 120,
  async run({ file, variants, gps, ...single }, { services, progress }) {
    const wanted = variants ?? [{ name: ONLY_NAME, ...single }];
    const source = await services.files.read(file).catch(asPermanent);
    if (!source) throw new PermanentFailure(`There is no file ${file}.`, 'file_not_found');
    if (source.bytes.length === 0) throw new PermanentFailure(`The file ${file} is empty.`, 'not_an_image');
    progress(20, 'resizing');
    const resized = await services.images.resize(source.bytes, wanted).catch(asPermanent);
    const metadata = await readMetadata(source.bytes, resized.source.format, { gps });
    progress(80, 'writing');
    const outputs = await Promise.all(
      resized.outputs.map(async (output, index) => ({
        name: wanted[index]?.name ?? ONLY_NAME,
        ...(await keep(services.files, source.file, output, wanted[index] ?? single, resized.engine)),
      })),
    );
    const { format, orientation, width, height } = resized.source;
    return {
      source: { file, format, width, height, orientation },
      outputs,
      placeholder: resized.preview.placeholder,
      dominant_colour: resized.preview.dominantColour,
      metadata: metadataJson(metadata),
      colour_profile: resized.colourProfile,
      engine: resized.engine,
      peak_wasm_bytes: resized.peakWasmBytes,
    };
  },
});

/** Writes one output. Its file key is made of the source, the options and the engine, so the same work gives the same file. */
async function keep(
  files: Files,
  source: StoredFile,
  { bytes, width, height, contentType }: ResizedImage,
  { width: boxWidth, height: boxHeight, fit, format, quality }: ResizeOptions,
  engine: EngineName,
) {
  const options = { width: boxWidth, height: boxHeight, fit, format, quality };
  const parts = [source.etag, options, ...(engine === 'photon' ? [] : [engine])];
  const extension = EXTENSIONS[format];
  const fileKey = await outputKey('images', parts, extension);
  const filename = derivedFilename(source.filename, `-${width}x${height}.${extension}`);
  await files.write(fileKey, bytes, { filename, contentType });
  return { key: fileKey, width, height, bytes: bytes.byteLength, content_type: contentType };
}

function metadataJson({ cameraMake, cameraModel, takenAt, gps }: Metadata) {
  return { camera_make: cameraMake, camera_model: cameraModel, taken_at: takenAt, ...(gps !== undefined && { gps }) };
}

/** Makes these errors permanent: another attempt would meet the same bytes and the same limits. */
function asPermanent(error: unknown): never {
  if (error instanceof ImageError) throw new PermanentFailure(error.message, error.code, { cause: error });
  if (error instanceof FileTooLarge) throw new PermanentFailure(error.message, 'image_too_large', { cause: error });
  throw error;
}
