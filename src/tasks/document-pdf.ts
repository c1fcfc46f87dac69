// document.pdf: writes a document, given as JSON, as a PDF file. The same document gives the same file.
import { z } from 'zod';
import { DocumentError, DocumentModel, MAX_PNG_PIXELS, type Picture, writePdf } from '../documents/index.ts';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { type Files, FileTooLarge, outputKey } from '../files/index.ts';
import { ImageError, preparePicture } from '../images/index.ts';

/** Of the characters that could not be drawn. */
const MAX_LISTED = 100;

export const writeDocument = defineTask({
  name: 'document.pdf',
  input: DocumentModel,
  output: () =>
    z.object({
      key: z.string(),
      pages: z.int(),
      bytes: z.int(),
      content_type: z.literal('application/pdf'),
      /** Characters that cannot be drawn; each is drawn as a replacement character. */
      missing_characters: z.int(),
      /** Which ones: the 100 most frequent. `font`: the font lacks it. `shaping`: the font lacks its joined forms. */
      undrawn: z.array(
        z.object({ character: z.string(), code: z.string(), count: z.int(), reason: z.enum(['font', 'shaping']) }),
      ),
      /** Pictures without `alt`; a screen reader can say no more than that there is a picture. */
      pictures_without_alt: z.int(),
    }),
  queue: 'files',
  timeoutSeconds: 300,
  async run(model, { services: { files, asset }, progress, signal }) {
    const images = new Set(model.blocks.flatMap((block) => (block.type === 'image' ? [block.image] : [])));
    const etags = await Promise.all([...images].map(async (fileKey) => (await files.stat(fileKey))?.etag ?? null));
    const { bytes, pages, undrawn, picturesWithoutAlt } = await writePdf(model, {
      asset,
      loadPicture: (fileKey) => loadPicture(files, fileKey),
      onProgress: (done, total) => progress((90 * done) / total, 'laying out', { current: done, total }),
      signal,
    }).catch(asPermanent);
    progress(95, 'writing');
    const key = await outputKey('documents', [model, etags], 'pdf');
    await files.write(key, bytes, { filename: filenameOf(model.title), contentType: 'application/pdf' });
    return {
      key,
      pages,
      bytes: bytes.byteLength,
      content_type: 'application/pdf' as const,
      missing_characters: undrawn.reduce((sum, { count }) => sum + count, 0),
      undrawn: undrawn.slice(0, MAX_LISTED).map((one) => ({ ...one, code: codeOf(one.character) })),
      pictures_without_alt: picturesWithoutAlt,
    };
  },
});

/** As Unicode writes it, such as U+6F22. */
function codeOf(character: string): string {
  const codes = [...character].map((part) => (part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0'));
  return codes.map((code) => `U+${code}`).join(' ');
}

/** Checks a picture before it goes into a document: the PDF library would embed a broken one and unpack any PNG. */
async function loadPicture(files: Files, fileKey: string): Promise<Picture> {
  const stored = await files.read(fileKey);
  if (!stored) throw new DocumentError('image_not_found', `There is no file ${fileKey}.`);
  try {
    return await preparePicture(stored.bytes, { maxPixels: MAX_PNG_PIXELS });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const code = error.code === 'image_too_large' ? 'document_too_large' : 'broken_image';
    throw new DocumentError(code, `The picture ${fileKey} cannot be used. ${error.message}`, { cause: error });
  }
}

/** Makes these errors permanent: another attempt would meet the same document and the same limits. */
function asPermanent(error: unknown): never {
  if (error instanceof DocumentError) throw new PermanentFailure(error.message, error.code, { cause: error });
  if (error instanceof FileTooLarge) throw new PermanentFailure(error.message, 'document_too_large', { cause: error });
  throw error;
}

function filenameOf(title: string | undefined): string {
  const name = (title ?? '').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${name.slice(0, 80) || 'document'}.pdf`;
}
