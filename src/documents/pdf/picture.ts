// Draws the pictures of a document: embeds each once, turns it upright, and scales it to fit.
import { type PDFDocument, PDFHexString } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';
import { MAX_IMAGE_BYTES, megabytes } from '../limits.ts';
import type { Block } from '../model.ts';
import { type Embedded, embedPicture, type Picture } from './embed-picture.ts';
import type { Flow, Matrix } from './flow.ts';

type ImageBlock = Extract<Block, { type: 'image' }>;

/** Without a wanted width, a picture has 96 pixels per inch. */
const POINTS_PER_PIXEL = 0.75;
const AFTER = 10;
const UNNAMED = 'Picture';

/** For each orientation: the matrix from the unit square of the stored picture to that of the upright picture. */
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

/** Draws image blocks. `load` is called once for each file key. */
export function createPictures(doc: PDFDocument, load: (fileKey: string) => Promise<Picture>) {
  const embedded = new Map<string, Embedded & Pick<Picture, 'width' | 'height' | 'orientation'>>();
  let total = 0;

  const embed = async (fileKey: string) => {
    const known = embedded.get(fileKey);
    if (known) return known;
    const picture = await load(fileKey);
    const { width, height, orientation } = picture;
    const made = { ...(await embedPicture(doc, fileKey, picture)), width, height, orientation };
    total += made.bytes;
    if (total > MAX_IMAGE_BYTES)
      throw new DocumentError(
        'document_too_large',
        `The pictures up to ${fileKey} take more than ${megabytes(MAX_IMAGE_BYTES)} of the document. Use fewer or smaller pictures.`,
      );
    embedded.set(fileKey, made);
    return made;
  };

  let withoutAlt = 0;
  const draw = async (flow: Flow, block: ImageBlock): Promise<void> => {
    const picture = await embed(block.image);
    const turned = picture.orientation >= 5;
    const [across, down] = turned ? [picture.height, picture.width] : [picture.width, picture.height];
    const wanted = block.width ?? across * POINTS_PER_PIXEL;
    const width = Math.min(wanted, flow.width, (flow.height * across) / down);
    const height = (width * down) / across;
    flow.reserve(height);
    const spare = flow.width - width;
    const x = block.align === 'center' ? spare / 2 : block.align === 'right' ? spare : 0;
    const [a, b, c, d, e, f] = UPRIGHT[picture.orientation] ?? [1, 0, 0, 1, 0, 0];
    const matrix = [a * width, b * height, c * width, d * height, e * width, f * height] as const;
    const bottom = flow.y() + height;
    if (block.alt === undefined) withoutAlt++;
    const figure =
      block.alt === '' ? undefined : flow.root.add('Figure', describe(flow, block.alt, { x, bottom, width, height }));
    flow.image(picture.ref, x, bottom, matrix, figure);
    figure?.done();
    flow.advance(height);
    if (flow.room() > 0) flow.advance(Math.min(AFTER, flow.room()));
  };
  /** `withoutAlt`: how many pictures were drawn of which nothing says what they show. */
  return { draw, withoutAlt: () => withoutAlt };
}

interface Place {
  x: number;
  bottom: number;
  width: number;
  height: number;
}

/** The entries of a figure: what it shows, and where it is. A reader must find a text, so without one it is called a picture. */
function describe(flow: Flow, alt: string | undefined, { x, bottom, width, height }: Place): string {
  const left = x + flow.left;
  const low = flow.pageY(bottom);
  const box = [left, low, left + width, low + height].map((value) => Math.round(value * 100) / 100).join(' ');
  const text = PDFHexString.fromText(alt?.trim() || UNNAMED);
  return `/Alt ${text}/A<</O/Layout/Placement/Block/BBox[${box}]>>`;
}
