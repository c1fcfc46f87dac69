// Embeds one picture in a PDF. It must never decode a picture: a picture arrives here in a form that can be embedded.
import type { PDFDict, PDFDocument, PDFRawStream, PDFRef } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';

/** A picture that is complete and has no metadata, with its size and orientation. */
export type Picture = {
  /** The size as stored, before the orientation is applied. */
  width: number;
  height: number;
  /** The EXIF orientation, 1 to 8. */
  orientation: number;
} /** `profile`: an ICC profile that the reader applies, and the number of colours that it is for. */ & (
  | { format: 'jpeg'; bytes: Uint8Array; profile?: { bytes: Uint8Array; components: number } }
  /** 8 bits per channel, row by row. Without `alpha` the picture is opaque. */
  | { format: 'pixels'; rgb: Uint8Array; alpha?: Uint8Array }
);

export interface Embedded {
  ref: PDFRef;
  /** How many bytes the picture takes in the PDF. */
  bytes: number;
}

/** @throws DocumentError `broken_image`; the message names the file key */
export async function embedPicture(doc: PDFDocument, fileKey: string, picture: Picture): Promise<Embedded> {
  if (picture.format === 'pixels') return embedPixels(doc, picture);
  try {
    const image = await doc.embedJpg(picture.bytes);
    await image.embed();
    if (picture.profile) await setProfile(doc, image.ref, picture.profile);
    return { ref: image.ref, bytes: picture.bytes.length + (picture.profile?.bytes.length ?? 0) };
  } catch (error) {
    const message = `The picture ${fileKey} is damaged and cannot be embedded. Upload it again.`;
    throw new DocumentError('broken_image', message, { cause: error });
  }
}

/** Gives the picture the colours of an ICC profile (PDF 32000-1, 8.6.5.5). */
async function setProfile(
  doc: PDFDocument,
  ref: PDFRef,
  { bytes, components }: { bytes: Uint8Array; components: number },
) {
  const { PDFName } = await import('@cantoo/pdf-lib');
  const packed = doc.context.stream(await deflate(bytes), { N: components, Filter: 'FlateDecode' });
  const dictionary: PDFDict = (doc.context.lookup(ref) as PDFRawStream).dict;
  dictionary.set(PDFName.of('ColorSpace'), doc.context.obj(['ICCBased', doc.context.register(packed)]));
}

/** The transparency of a picture is a grey picture of its own (PDF 32000-1, 11.6.5.3). */
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
