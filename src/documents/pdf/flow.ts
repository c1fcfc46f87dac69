// Pages filled from top to bottom. What is drawn on a page is kept as text and packed when the page is full, so that a long
// document costs little more memory than its file. Distances are in points, from the upper left corner of the printable area.
import { type PDFDocument, PDFName, type PDFPage, type PDFRef } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';
import { MAX_PAGES_WRITTEN } from '../limits.ts';
import type { Align, DocumentModel } from '../model.ts';
import type { Face } from './face.ts';

export interface Style {
  face: Face;
  size: number;
  /** 0 is black, 1 is white. */
  grey: number;
}

/** a b c d e f, as the operator cm takes them. */
export type Matrix = readonly [number, number, number, number, number, number];

export interface Flow {
  width: number;
  height: number;
  /** How far down the page is filled. */
  y(): number;
  /** What is left of the page. */
  room(): number;
  isPageEmpty(): boolean;
  advance(distance: number): void;
  breakPage(): void;
  /** Begins a new page unless this much room is left, or the page is empty. */
  reserve(height: number): void;
  /** One line of text; `x` and `width` are the box in which it is aligned, `baseline` is its distance from the top. */
  text(text: string, style: Style, x: number, width: number, baseline: number, align: Align): void;
  rule(x: number, y: number, width: number, thickness: number, grey: number): void;
  fill(x: number, y: number, width: number, height: number, grey: number): void;
  /** Draws the picture through a matrix that maps the unit square into the box at x, y (of its lower left corner). */
  image(image: PDFRef, x: number, bottom: number, matrix: Matrix): void;
  page(): PDFPage;
  /** Where a distance from the top is in the coordinates of the page. */
  pageY(y: number): number;
  /** Packs the last page and puts the footer on every one. Returns how many there are. */
  finish(style: Style): Promise<number>;
}

/** Points: width, height. */
const SIZES = { A4: [595.28, 841.89], Letter: [612, 792] } as const;
const FOOTER_BELOW = 26;
const PAGES_PER_TURN = 100;

export function createFlow(doc: PDFDocument, { page: about, footer }: DocumentModel, faces: Face[]): Flow {
  const [short, long] = SIZES[about.size];
  const { margins } = about;
  const [pageWidth, pageHeight] = about.landscape ? [long, short] : [short, long];
  const width = pageWidth - margins.left - margins.right;
  const height = pageHeight - margins.top - margins.bottom;
  const fonts = Object.fromEntries(faces.map(({ name, font }) => [name, font.ref]));
  const images = doc.context.obj({});
  const resources = doc.context.register(doc.context.obj({ Font: fonts, XObject: images }));
  const bodies: { page: PDFPage; body: PDFRef }[] = [];
  let page: PDFPage | undefined;
  let parts: string[] = [];
  let y = 0;

  const pack = (content: string) => doc.context.register(doc.context.flateStream(content));
  const pageY = (distance: number) => pageHeight - margins.top - distance;
  const closePage = () => {
    if (page) bodies.push({ page, body: pack(parts.join('\n')) });
    parts = [];
    page = undefined;
  };
  const open = () => {
    if (page) return page;
    if (bodies.length >= MAX_PAGES_WRITTEN)
      throw new DocumentError('too_many_pages', `the document would have more than ${MAX_PAGES_WRITTEN} pages`);
    page = doc.addPage([pageWidth, pageHeight]);
    page.node.set(PDFName.of('Resources'), resources);
    return page;
  };
  const draw = (operators: string) => {
    open();
    parts.push(operators);
  };
  const textAt = (text: string, { face, size, grey }: Style, x: number, box: number, at: number, align: Align) => {
    const spare = align === 'left' ? 0 : box - face.widthOf(text, size);
    const left = margins.left + x + (align === 'center' ? spare / 2 : spare);
    return `${number(grey)} g BT /${face.name} ${number(size)} Tf ${number(left)} ${number(at)} Td ${face.encode(text)} Tj ET`;
  };

  return {
    width,
    height,
    y: () => y,
    room: () => height - y,
    isPageEmpty: () => y === 0,
    advance: (distance) => {
      open();
      y += distance;
    },
    breakPage() {
      open();
      closePage();
      y = 0;
    },
    reserve(needed) {
      if (y > 0 && needed > height - y) this.breakPage();
    },
    text: (text, style, x, box, baseline, align) => {
      if (text !== '') draw(textAt(text, style, x, box, pageY(baseline), align));
    },
    rule: (x, at, length, thickness, grey) => {
      const [left, level] = [number(margins.left + x), number(pageY(at))];
      draw(`${number(grey)} G ${thickness} w ${left} ${level} m ${number(margins.left + x + length)} ${level} l S`);
    },
    fill: (x, at, w, h, grey) =>
      draw(`${number(grey)} g ${number(margins.left + x)} ${number(pageY(at + h))} ${number(w)} ${number(h)} re f`),
    image(image, x, bottom, [a, b, c, d, e, f]) {
      const name = `I${image.objectNumber}`;
      images.set(PDFName.of(name), image);
      const matrix = [a, b, c, d, e + margins.left + x, f + pageY(bottom)].map(number).join(' ');
      draw(`q ${matrix} cm /${name} Do Q`);
    },
    page: open,
    pageY,
    async finish(style) {
      open();
      closePage();
      const at = margins.bottom - FOOTER_BELOW;
      const text = oneLine(footer.text, style, width - 60);
      for (const [index, { page: one, body }] of bodies.entries()) {
        const numbers = footer.page_numbers ? `${index + 1} / ${bodies.length}` : '';
        const lines = [
          ...(text !== '' ? [textAt(text, style, 0, width, at, 'left')] : []),
          ...(numbers !== '' ? [textAt(numbers, style, 0, width, at, 'right')] : []),
        ];
        const contents = lines.length > 0 ? [body, pack(lines.join('\n'))] : [body];
        one.node.set(PDFName.of('Contents'), doc.context.obj(contents));
        if (index % PAGES_PER_TURN === 0) await scheduler.wait(0);
      }
      return bodies.length;
    },
  };
}

/** The text, cut with an ellipsis where it would be wider. */
function oneLine(text: string, { face, size }: Style, maxWidth: number): string {
  const line = text.replaceAll('\n', ' ');
  if (face.widthOf(line, size) <= maxWidth) return line;
  let kept = [...line];
  while (kept.length > 0 && face.widthOf(`${kept.join('')}…`, size) > maxWidth) kept = kept.slice(0, -1);
  return `${kept.join('')}…`;
}

/** As short as a content stream takes it. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
