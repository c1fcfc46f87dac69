// Lays out a document from top to bottom of its pages: places text, rules, areas and pictures, and begins a new page when one is
// full. Distances are in points, from the upper left corner of the printable area.
import { Buffer } from 'node:buffer';
import { type PDFDocument, PDFHexString, type PDFPage, type PDFRef } from '@cantoo/pdf-lib';
import type { Align, DocumentModel } from '../model.ts';
import { clean } from './clean.ts';
import type { Face } from './face.ts';
import { breakLines, type Line, type Piece } from './lines.ts';
import { number } from './number.ts';
import { createPages } from './pages.ts';
import type { TagElement, Tags } from './tags.ts';

export interface Style {
  face: Face;
  size: number;
  /** 0 is black, 1 is white. */
  grey: number;
}

export interface Box {
  x: number;
  width: number;
  baseline: number;
  align?: Align | undefined;
}

/** The six numbers a b c d e f of the PDF operator cm. */
export type Matrix = readonly [number, number, number, number, number, number];

export interface Flow {
  width: number;
  height: number;
  /** The left margin of the page. */
  left: number;
  /** How much of the page is filled, from the top. */
  y(): number;
  /** How much of the page is left. */
  room(): number;
  isPageEmpty(): boolean;
  advance(distance: number): void;
  breakPage(): void;
  /** Begins a new page if less than `height` is left, unless the page is empty. */
  reserve(height: number): void;
  /** The element that contains the whole document. */
  root: TagElement;
  /**
   * Draws one line of text, aligned in the box of `x` and `width`; without `align`, at the side where reading begins. `baseline`
   * is its distance from the top. Without an `owner`, the line is decoration: a screen reader does not read it.
   */
  line(line: Line, style: Style, box: Box, owner?: TagElement): void;
  rule(x: number, y: number, width: number, thickness: number, grey: number): void;
  fill(x: number, y: number, width: number, height: number, grey: number): void;
  /** Draws the picture with a matrix that maps the unit square into the box whose lower left corner is at `x`, `bottom`. */
  image(image: PDFRef, x: number, bottom: number, matrix: Matrix, owner?: TagElement): void;
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
export function createFlow(doc: PDFDocument, { page: about, footer }: DocumentModel, faces: Face[], tags: Tags): Flow {
  const [short, long] = SIZES[about.size];
  const { margins } = about;
  const [pageWidth, pageHeight] = about.landscape ? [long, short] : [short, long];
  const width = pageWidth - margins.left - margins.right;
  const height = pageHeight - margins.top - margins.bottom;
  const pages = createPages(doc, [pageWidth, pageHeight], faces, tags);
  let y = 0;
  const pageY = (distance: number) => pageHeight - margins.top - distance;

  return {
    width,
    height,
    left: margins.left,
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
    root: tags.root,
    line(line, style, { x, width: box, baseline, align }, owner) {
      const left = margins.left + x + spare(line, box, align);
      for (const piece of line.pieces) {
        if (piece.shown === '') continue;
        if (!piece.link) pages.draw(pieceOperators(piece, style, left, pageY(baseline)), owner);
        else drawLink(doc, { pages, tags, owner: owner ?? tags.root }, piece, { style, left, at: pageY(baseline) });
      }
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
    image(image, x, bottom, [a, b, c, d, e, f], owner) {
      const matrix = [a, b, c, d, e + margins.left + x, f + pageY(bottom)].map(number).join(' ');
      pages.draw(`q ${matrix} cm /${pages.nameOf(image)} Do Q`, owner);
    },
    page: pages.open,
    pageY,
    finish(style) {
      pages.open();
      const text = oneLine(footer.text, style, width - PAGE_NUMBER_WIDTH);
      return pages.finish((page, count) => {
        const numbers = footer.page_numbers ? `${page} / ${count}` : '';
        const write = (part: string, align: Align) => {
          const [line] = breakLines(part, style.face, style.size, Number.POSITIVE_INFINITY);
          const left = margins.left + (line ? spare(line, width, align) : 0);
          const pieces = line?.pieces.filter(({ shown }) => shown !== '') ?? [];
          return pieces.map((piece) => pieceOperators(piece, style, left, margins.bottom - FOOTER_BELOW));
        };
        return [...write(text, 'left'), ...write(numbers, 'right')].join('\n');
      });
    },
  };
}

/** The distance of a line from the left side of its box. */
function spare(line: Line, box: number, align: Align = line.rightToLeft ? 'right' : 'left'): number {
  return align === 'left' ? 0 : (box - line.width) / (align === 'center' ? 2 : 1);
}

/** The operators that draw a piece of a line. Coordinates are those of the page. */
function pieceOperators({ shown, x }: Piece, { face, size, grey }: Style, left: number, at: number): string {
  return `${number(grey)} g ${face.show(shown, size, left + x, at)}`;
}

const LINK_COLOUR = '0.04 0.29 0.62';

/** Draws a part of a link, with the area that can be clicked. A link over several lines is one element. */
function drawLink(
  doc: PDFDocument,
  { pages, tags, owner }: { pages: ReturnType<typeof createPages>; tags: Tags; owner: TagElement },
  piece: Piece,
  { style, left, at }: { style: Style; left: number; at: number },
): void {
  const { link } = piece;
  if (!link) return;
  link.element ??= owner.add('Link');
  const coloured = pieceOperators(piece, style, left, at).replace(/^[\d.]+ g /, `${LINK_COLOUR} rg `);
  pages.draw(coloured, link.element);
  const [from, to] = [left + piece.x, left + piece.x + piece.width];
  const under = number(at - style.size * 0.12);
  pages.draw(`${LINK_COLOUR} RG 0.5 w ${number(from)} ${under} m ${number(to)} ${under} l S`);
  const page = pages.open();
  const rect = [from, at - style.size * 0.25, to, at + style.size * 0.8].map((value) => Number(number(value)));
  const annotation = doc.context.obj({
    ...{ Type: 'Annot', Subtype: 'Link', Rect: rect, Border: [0, 0, 0], F: 4 },
    StructParent: tags.keyOf(link.element),
    Contents: PDFHexString.fromText(link.url),
    A: { S: 'URI', URI: PDFHexString.of(Buffer.from(link.url, 'latin1').toString('hex')) },
  });
  const ref = doc.context.register(annotation);
  page.node.addAnnot(ref);
  link.element.annotate(page, ref);
}

/** The text in one line, cut with an ellipsis if it is wider than `maxWidth`. */
function oneLine(text: string, { face, size }: Style, maxWidth: number): string {
  const line = clean(text).replaceAll('\n', ' ');
  if (face.widthOf(line, size) <= maxWidth) return line;
  let kept = [...line];
  while (kept.length > 0 && face.widthOf(`${kept.join('')}…`, size) > maxWidth) kept = kept.slice(0, -1);
  return `${kept.join('')}…`;
}
