// Draws titles, headings, paragraphs and lists.
import type { Align, Block } from '../model.ts';
import { clean } from './clean.ts';
import type { Face } from './face.ts';
import type { Box, Flow, Style } from './flow.ts';
import { breakLines, type Line } from './lines.ts';
import type { TagElement } from './tags.ts';

export interface Faces {
  regular: Face;
  bold: Face;
}

/** A heading, for the outline of the document. */
export interface Entry {
  text: string;
  level: number;
  page: ReturnType<Flow['page']>;
  /** In the coordinates of the page. */
  y: number;
}

const TEXT_GREY = 0.13;
const MUTED_GREY = 0.42;
/** The height of a line, in font sizes. */
const LEADING = 1.42;
/** The distance from the top of a line to its baseline, in font sizes. */
const ASCENT = 1.02;

/** By level, beginning with the title: font size, and space before and after, in points. */
const HEADINGS = [
  { size: 22, before: 6, after: 10 },
  { size: 15, before: 18, after: 6 },
  { size: 12, before: 14, after: 4 },
  { size: 10.5, before: 10, after: 3 },
] as const;
const BODY_SIZE = 10;
const PARAGRAPH_AFTER = 7;
const ITEM_AFTER = 2.5;
const ITEM_INDENT = 18;
/** A heading stays on the page of the text after it: at least this much space must be left below it, in points. */
const KEPT_WITH_NEXT = 40;

/** Draws a title (`level` 0) or a heading (1 to 3), and returns its entry for the outline. `rank`: its level in the tags, from 1. */
export function drawHeading(
  flow: Flow,
  faces: Faces,
  text: string,
  { level, rank, align }: { level: number; rank: number; align?: Align | undefined },
): Entry {
  const { size, before, after } = HEADINGS[level] ?? HEADINGS[3];
  const style = { face: faces.bold, size, grey: 0.08 };
  const lines = breakLines(text, style.face, size, flow.width);
  const height = lines.length * size * 1.25;
  flow.reserve(before + height + after + KEPT_WITH_NEXT);
  if (!flow.isPageEmpty()) flow.advance(before);
  const entry = { text: clean(text).replaceAll('\n', ' '), level, page: flow.page(), y: flow.pageY(flow.y()) };
  drawElement(flow, flow.root, `H${rank}`, lines, style, { x: 0, width: flow.width, align, lineHeight: size * 1.25 });
  flow.advance(after);
  return entry;
}

export function drawParagraph(flow: Flow, faces: Faces, block: Extract<Block, { type: 'paragraph' }>): void {
  const { size, bold, muted, align } = block;
  const style = { face: bold ? faces.bold : faces.regular, size, grey: muted ? MUTED_GREY : TEXT_GREY };
  const lines = breakLines(block.text, style.face, size, flow.width);
  drawElement(flow, flow.root, 'P', lines, style, { x: 0, width: flow.width, align });
  flow.advance(PARAGRAPH_AFTER * (size / BODY_SIZE));
}

export function drawList(flow: Flow, faces: Faces, block: Extract<Block, { type: 'list' }>): void {
  const style = { face: faces.regular, size: BODY_SIZE, grey: TEXT_GREY };
  const markers = block.items.map((_, index) => (block.ordered ? `${index + 1}.` : '•'));
  const indent = Math.max(ITEM_INDENT, ...markers.map((marker) => style.face.widthOf(marker, BODY_SIZE) + 9));
  const width = flow.width - indent;
  const numbering = block.ordered ? 'Decimal' : 'Disc';
  const list = block.items.length > 0 ? flow.root.add('L', `/A<</O/List/ListNumbering/${numbering}>>`) : undefined;
  for (const [index, text] of block.items.entries()) {
    const lines = breakLines(text, style.face, BODY_SIZE, width);
    const item = list?.add('LI');
    const label = item?.add('Lbl');
    const rightToLeft = lines[0]?.rightToLeft ?? false;
    const [marker] = breakLines(markers[index] ?? '', style.face, BODY_SIZE, indent);
    flow.reserve(BODY_SIZE * LEADING);
    const baseline = flow.y() + BODY_SIZE * ASCENT;
    const side = rightToLeft ? ({ x: width + 6, align: 'left' } as const) : ({ x: 0, align: 'right' } as const);
    if (marker) flow.line(marker, style, { ...side, width: indent - 6, baseline }, label);
    label?.done();
    if (item) drawElement(flow, item, 'LBody', lines, style, { x: rightToLeft ? 0 : indent, width });
    item?.done();
    flow.advance(ITEM_AFTER);
  }
  list?.done();
  flow.advance(PARAGRAPH_AFTER - ITEM_AFTER);
}

/** Draws line by line, over as many pages as needed, as one element. Without text there is no element. */
function drawElement(
  flow: Flow,
  parent: TagElement,
  type: string,
  lines: Line[],
  style: Style,
  { x, width, align, lineHeight = style.size * LEADING }: Omit<Box, 'baseline'> & { lineHeight?: number },
): void {
  const isEmpty = lines.every(({ pieces }) => pieces.every(({ shown }) => shown === ''));
  const element = isEmpty ? undefined : parent.add(type);
  for (const line of lines) {
    flow.reserve(lineHeight);
    flow.line(line, style, { x, width, align, baseline: flow.y() + style.size * ASCENT }, element);
    flow.advance(lineHeight);
  }
  closeLinks(lines);
  element?.done();
}

/** Writes the elements of the links of a text that is drawn. */
export function closeLinks(lines: Line[]): void {
  const links = new Set(lines.flatMap(({ pieces }) => pieces.flatMap(({ link }) => link ?? [])));
  for (const { element } of links) element?.done();
}
