// Lays out a document from top to bottom of its pages: places text, rules, areas and pictures, and begins a new page when one is
// full. Distances are in points, from the upper left corner of the printable area.
import type { PDFDocument, PDFPage, PDFRef } from '@cantoo/pdf-lib';
import type { Align, DocumentModel } from '../model.ts';
import type { Face } from './face.ts';
import { createPages } from './pages.ts';

export interface Style {
  face: Face;
  size: number;
  /** 0 is black, 1 is white. */
  grey: number;
}

/** The six numbers a b c d e f of the PDF operator cm. */
export type Matrix = readonly [number, number, number, number, number, number];

export interface Flow {
  width: number;
  height: number;
  /** How much of the page is filled, from the top. */
  y(): number;
  /** How much of the page is left. */
  room(): number;
  isPageEmpty(): boolean;
  advance(distance: number): void;
  breakPage(): void;
  /** Begins a new page if less than `height` is left, unless the page is empty. */
  reserve(height: number): void;
  /** Draws one line of text, aligned in the box of `x` and `width`. `baseline` is its distance from the top. */
  text(text: string, style: Style, x: number, width: number, baseline: number, align: Align): void;
  rule(x: number, y: number, width: number, thickness: number, grey: number): void;
  fill(x: number, y: number, width: number, height: number, grey: number): void;
  /** Draws the picture with a matrix that maps the unit square into the box whose lower left corner is at `x`, `bottom`. */
  image(image: PDFRef, x: number, bottom: number, matrix: Matrix): void;
  page(): PDFPage;
  /** Converts a distance from the top to the coordinates of the page. */
  pageY(y: number): number;
  /** Compresses the last page and adds the footer to all pages. Returns the number of pages. */
  finish(style: Style): Promise<number>;
}

/** Width and height in points. */
const SIZES = { A4: [595.28, 841.89], Letter: [612, 792] } as const;
/** The distance of the footer's baseline from the printable area, in points. */
const FOOTER_BELOW = 26;
/** The space that the footer's text leaves for the page number, in points. */
const PAGE_NUMBER_WIDTH = 60;

/** Begins the layout of a document. Its pages and margins are those of the model; the fonts must be among `faces`. */
export function createFlow(doc: PDFDocument, { page: about, footer }: DocumentModel, faces: Face[]): Flow {
  const [short, long] = SIZES[about.size];
  const { margins } = about;
  const [pageWidth, pageHeight] = about.landscape ? [long, short] : [short, long];
  const width = pageWidth - margins.left - margins.right;
  const height = pageHeight - margins.top - margins.bottom;
  const pages = createPages(doc, [pageWidth, pageHeight], faces);
  let y = 0;
  const pageY = (distance: number) => pageHeight - margins.top - distance;

  return {
    width,
    height,
    y: () => y,
    room: () => height - y,
    isPageEmpty: () => y === 0,
    advance: (distance) => {
      pages.open();
      y += distance;
    },
    breakPage() {
      pages.open();
      pages.close();
      y = 0;
    },
    reserve(needed) {
      if (y > 0 && needed > height - y) this.breakPage();
    },
    text: (text, style, x, box, baseline, align) => {
      if (text !== '') pages.draw(textOperators(text, style, margins.left + x, box, pageY(baseline), align));
    },
    rule: (x, at, length, thickness, grey) => {
      const [left, level] = [number(margins.left + x), number(pageY(at))];
      pages.draw(
        `${number(grey)} G ${thickness} w ${left} ${level} m ${number(margins.left + x + length)} ${level} l S`,
      );
    },
    fill: (x, at, w, h, grey) =>
      pages.draw(
        `${number(grey)} g ${number(margins.left + x)} ${number(pageY(at + h))} ${number(w)} ${number(h)} re f`,
      ),
    image(image, x, bottom, [a, b, c, d, e, f]) {
      const matrix = [a, b, c, d, e + margins.left + x, f + pageY(bottom)].map(number).join(' ');
      pages.draw(`q ${matrix} cm /${pages.nameOf(image)} Do Q`);
    },
    page: pages.open,
    pageY,
    finish(style) {
      pages.open();
      const text = oneLine(footer.text, style, width - PAGE_NUMBER_WIDTH);
      return pages.finish((page, count) => {
        const numbers = footer.page_numbers ? `${page} / ${count}` : '';
        const write = (part: string, align: Align) =>
          part === '' ? [] : [textOperators(part, style, margins.left, width, margins.bottom - FOOTER_BELOW, align)];
        return [...write(text, 'left'), ...write(numbers, 'right')].join('\n');
      });
    },
  };
}

/** The operators that draw one line of text, aligned in a box that begins at `left`. Coordinates are those of the page. */
function textOperators(text: string, { face, size, grey }: Style, left: number, box: number, at: number, align: Align) {
  const spare = align === 'left' ? 0 : box - face.widthOf(text, size);
  const x = left + (align === 'center' ? spare / 2 : spare);
  return `${number(grey)} g BT /${face.name} ${number(size)} Tf ${number(x)} ${number(at)} Td ${face.encode(text)} Tj ET`;
}

/** The text in one line, cut with an ellipsis if it is wider than `maxWidth`. */
function oneLine(text: string, { face, size }: Style, maxWidth: number): string {
  const line = text.replaceAll('\n', ' ');
  if (face.widthOf(line, size) <= maxWidth) return line;
  let kept = [...line];
  while (kept.length > 0 && face.widthOf(`${kept.join('')}…`, size) > maxWidth) kept = kept.slice(0, -1);
  return `${kept.join('')}…`;
}

/** A number with at most two decimals, as short as a content stream accepts it. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
