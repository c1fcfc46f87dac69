// Pictures: embedded once each, turned upright, scaled to fit.
import type { PDFDocument, PDFImage } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';
import { MAX_IMAGE_BYTES, MAX_PNG_PIXELS } from '../limits.ts';
import type { Block } from '../model.ts';
import type { Flow, Matrix } from './flow.ts';

/** A picture as it was stored, and what its header says. */
export interface Picture {
  bytes: Uint8Array;
  format: string;
  width: number;
  height: number;
  /** EXIF, 1 … 8. */
  orientation: number;
}

type ImageBlock = Extract<Block, { type: 'image' }>;

/** 96 pixels to the inch, where no width is asked for. */
const POINTS_PER_PIXEL = 0.75;
const AFTER = 10;

/** For each orientation: how the unit square of the stored picture lies in that of the upright one. */
const UPRIGHT: Record<number, Matrix> = {
  1: [1, 0, 0, 1, 0, 0],
  2: [-1, 0, 0, 1, 1, 0],
  3: [-1, 0, 0, -1, 1, 1],
  4: [1, 0, 0, -1, 0, 1],
  5: [0, -1, -1, 0, 1, 1],
  6: [0, -1, 1, 0, 0, 1],
  7: [0, 1, 1, 0, 0, 0],
  8: [0, 1, -1, 0, 1, 0],
};

/** Draws image blocks; `load` is asked once for each key. */
export function createPictures(doc: PDFDocument, load: (key: string) => Promise<Picture>) {
  const embedded = new Map<string, { image: PDFImage; picture: Omit<Picture, 'bytes'> }>();
  let total = 0;

  const embed = async (key: string) => {
    const known = embedded.get(key);
    if (known) return known;
    const { bytes, ...picture } = await load(key);
    total += bytes.length;
    if (total > MAX_IMAGE_BYTES)
      throw new DocumentError('document_too_large', `the images have more than ${MAX_IMAGE_BYTES} bytes together`);
    const made = { image: await decode(doc, key, bytes, picture), picture };
    embedded.set(key, made);
    return made;
  };

  return async function drawImage(flow: Flow, block: ImageBlock): Promise<void> {
    const { image, picture } = await embed(block.image);
    const turned = picture.orientation >= 5;
    const [across, down] = turned ? [picture.height, picture.width] : [picture.width, picture.height];
    const wanted = block.width ?? across * POINTS_PER_PIXEL;
    const width = Math.min(wanted, flow.width, (flow.height * across) / down);
    const height = (width * down) / across;
    flow.reserve(height);
    const spare = flow.width - width;
    const x = block.align === 'left' ? 0 : block.align === 'right' ? spare : spare / 2;
    const [a, b, c, d, e, f] = UPRIGHT[picture.orientation] ?? [1, 0, 0, 1, 0, 0];
    const matrix = [a * width, b * height, c * width, d * height, e * width, f * height] as const;
    flow.image(image, x, flow.y() + height, matrix);
    flow.advance(height);
    if (flow.room() > 0) flow.advance(Math.min(AFTER, flow.room()));
  };
}

async function decode(doc: PDFDocument, key: string, bytes: Uint8Array, picture: Omit<Picture, 'bytes'>) {
  const { format, width, height } = picture;
  if (format !== 'jpeg' && format !== 'png')
    throw new DocumentError('broken_image', `${key} is a ${format.toUpperCase()}; a document takes JPEG and PNG`);
  if (format === 'png' && width * height > MAX_PNG_PIXELS)
    throw new DocumentError(
      'document_too_large',
      `${key} has ${width}×${height} pixels; a PNG in a document has at most ${MAX_PNG_PIXELS}`,
    );
  try {
    const image = format === 'jpeg' ? await doc.embedJpg(bytes) : await doc.embedPng(bytes);
    await image.embed();
    return image;
  } catch (error) {
    throw new DocumentError('broken_image', `${key} is damaged and cannot be embedded`, { cause: error });
  }
}
