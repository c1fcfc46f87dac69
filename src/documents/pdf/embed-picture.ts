// Puts one picture among the objects of a PDF. It decodes nothing: what cannot be embedded as it is does not come here.
import type { PDFDocument, PDFRef } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';

/** A picture that is known to be whole, without metadata, and what it says of itself. */
export type Picture = {
  /** As stored, before the orientation is applied. */
  width: number;
  height: number;
  /** EXIF, 1 … 8. */
  orientation: number;
} & (
  | { format: 'jpeg'; bytes: Uint8Array }
  /** 8 bits a channel, row by row; without `alpha` it is opaque. */
  | { format: 'pixels'; rgb: Uint8Array; alpha?: Uint8Array }
);

export interface Embedded {
  ref: PDFRef;
  /** What it takes in the file. */
  bytes: number;
}

/** @throws DocumentError `broken_image`, naming `key` */
export async function embedPicture(doc: PDFDocument, key: string, picture: Picture): Promise<Embedded> {
  if (picture.format === 'pixels') return embedPixels(doc, picture);
  try {
    const image = await doc.embedJpg(picture.bytes);
    await image.embed();
    return { ref: image.ref, bytes: picture.bytes.length };
  } catch (error) {
    throw new DocumentError('broken_image', `${key} is damaged and cannot be embedded`, { cause: error });
  }
}

/** Transparency is a grey picture of its own (PDF 32000-1, 11.6.5.3). */
async function embedPixels(doc: PDFDocument, picture: Extract<Picture, { format: 'pixels' }>): Promise<Embedded> {
  const { rgb, alpha, width, height } = picture;
  let bytes = 0;
  const add = async (data: Uint8Array, about: object) => {
    const packed = await deflate(data);
    bytes += packed.length;
    const fixed = { Type: 'XObject', Subtype: 'Image', BitsPerComponent: 8, Filter: 'FlateDecode' };
    return doc.context.register(doc.context.stream(packed, { ...fixed, Width: width, Height: height, ...about }));
  };
  const mask = alpha && (await add(alpha, { ColorSpace: 'DeviceGray' }));
  const ref = await add(rgb, { ColorSpace: 'DeviceRGB', ...(mask && { SMask: mask }) });
  return { ref, bytes };
}

async function deflate(data: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([data]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
