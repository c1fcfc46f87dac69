import { PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { embedPicture } from '../../../src/documents/pdf/embed-picture.ts';
import { aPhoto } from '../../support/photos.ts';
import { refusal } from '../source.ts';
import { write } from './writing.ts';

/** Half-transparent pixels, each of its own colour. */
function pixels(width: number, height: number) {
  const rgb = new Uint8Array(width * height * 3).map((_, at) => at * 7);
  const alpha = new Uint8Array(width * height).fill(128);
  return { format: 'pixels', rgb, alpha, width, height, orientation: 1 } as const;
}

/** The pictures among the objects of a PDF, in their order, inflated, and what their dictionaries say. */
async function imagesOf(pdf: Uint8Array) {
  const { context } = await PDFDocument.load(pdf);
  const objects = context.enumerateIndirectObjects().map(([, object]) => object);
  const images = objects.filter(
    (object) => object instanceof PDFRawStream && object.dict.get(PDFName.of('Subtype')) === PDFName.of('Image'),
  ) as PDFRawStream[];
  const inflate = ({ contents }: PDFRawStream) =>
    new Response(new Blob([contents]).stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer();
  const streams = await Promise.all(images.map(async (image) => new Uint8Array(await inflate(image))));
  return { text: images.map(({ dict }) => String(dict)).join('\n'), streams };
}

describe('an embedded picture', () => {
  it.each([true, false])('has the given pixels, with their transparency if they have it: %s', async (isClear) => {
    const { alpha, ...opaque } = pixels(200, 100);
    const picture = isClear ? { ...opaque, alpha } : opaque;
    const { bytes } = await write({ blocks: [{ type: 'image', image: 'uploads/a' }] }, async () => picture);
    const { text, streams } = await imagesOf(bytes);

    expect(streams).toEqual(isClear ? [alpha, opaque.rgb] : [opaque.rgb]);
    expect(text.includes('/SMask')).toBe(isClear);
  });

  it('has its colour profile as its colour space', async () => {
    const profile = { bytes: Uint8Array.of(1, 2, 3, 4), components: 3 };
    const picture = {
      format: 'jpeg',
      bytes: await aPhoto(),
      profile,
      width: 480,
      height: 320,
      orientation: 1,
    } as const;
    const { bytes } = await write({ blocks: [{ type: 'image', image: 'uploads/a' }] }, async () => picture);
    const { context } = await PDFDocument.load(bytes);
    const streams = context
      .enumerateIndirectObjects()
      .flatMap(([ref, object]) =>
        object instanceof PDFRawStream ? [{ ref, dict: String(object.dict), contents: object.contents }] : [],
      );
    const image = streams.find(({ dict }) => dict.includes('/Image'))!;
    const stored = streams.find(({ ref }) => image.dict.includes(`/ICCBased ${ref}`))!;
    const unpacked = new Blob([stored.contents as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream('deflate'));

    expect(new Uint8Array(await new Response(unpacked).arrayBuffer())).toEqual(profile.bytes);
    expect(stored.dict).toContain('/N 3');
  });

  it('is the given JPEG, byte for byte', async () => {
    const bytes = await aPhoto();
    const picture = { format: 'jpeg', bytes, width: 480, height: 320, orientation: 1 } as const;

    expect((await embedPicture(await PDFDocument.create(), 'uploads/a', picture)).bytes).toBe(bytes.length);
  });

  it('that is damaged is refused with its file key', async () => {
    const picture = { format: 'jpeg', bytes: new Uint8Array(9), width: 1, height: 1, orientation: 1 } as const;

    expect(await refusal(embedPicture(await PDFDocument.create(), 'uploads/a', picture))).toMatchObject({
      ...{ code: 'broken_image', message: expect.stringContaining('uploads/a') },
    });
  });
});
