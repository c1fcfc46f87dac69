// Draws titles, headings, paragraphs and lists.
import type { Align, Block } from '../model.ts';
import { clean, type Face } from './face.ts';
import type { Flow, Style } from './flow.ts';
import { wrap } from './wrap.ts';

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

/** Draws a title (`level` 0) or a heading (1 to 3), and returns its entry for the outline. */
export function drawHeading(flow: Flow, faces: Faces, text: string, level: number, align: Align = 'left'): Entry {
  const { size, before, after } = HEADINGS[level] ?? HEADINGS[3];
  const style = { face: faces.bold, size, grey: 0.08 };
  const lines = linesOf(text, style, flow.width);
  const height = lines.length * size * 1.25;
  flow.reserve(before + height + after + KEPT_WITH_NEXT);
  if (!flow.isPageEmpty()) flow.advance(before);
  const entry = { text: clean(text).replaceAll('\n', ' '), level, page: flow.page(), y: flow.pageY(flow.y()) };
  drawLines(flow, lines, style, { x: 0, width: flow.width, align, lineHeight: size * 1.25 });
  flow.advance(after);
  return entry;
}

export function drawParagraph(flow: Flow, faces: Faces, block: Extract<Block, { type: 'paragraph' }>): void {
  const { size, bold, muted, align } = block;
  const style = { face: bold ? faces.bold : faces.regular, size, grey: muted ? MUTED_GREY : TEXT_GREY };
  drawLines(flow, linesOf(block.text, style, flow.width), style, { x: 0, width: flow.width, align });
  flow.advance(PARAGRAPH_AFTER * (size / BODY_SIZE));
}

export function drawList(flow: Flow, faces: Faces, block: Extract<Block, { type: 'list' }>): void {
  const style = { face: faces.regular, size: BODY_SIZE, grey: TEXT_GREY };
  const markers = block.items.map((_, index) => (block.ordered ? `${index + 1}.` : '•'));
  const indent = Math.max(ITEM_INDENT, ...markers.map((marker) => style.face.widthOf(marker, BODY_SIZE) + 9));
  for (const [index, item] of block.items.entries()) {
    const lines = linesOf(item, style, flow.width - indent);
    flow.reserve(BODY_SIZE * LEADING);
    flow.text(markers[index] ?? '', style, 0, indent - 6, flow.y() + BODY_SIZE * ASCENT, 'right');
    drawLines(flow, lines, style, { x: indent, width: flow.width - indent, align: 'left' });
    flow.advance(ITEM_AFTER);
  }
  flow.advance(PARAGRAPH_AFTER - ITEM_AFTER);
}

function linesOf(text: string, { face, size }: Style, width: number): string[] {
  return wrap(clean(text), width, (part) => face.widthOf(part, size));
}

/** Draws line by line, over as many pages as needed. */
function drawLines(
  flow: Flow,
  lines: string[],
  style: Style,
  box: { x: number; width: number; align: Align; lineHeight?: number },
): void {
  const { lineHeight = style.size * LEADING } = box;
  for (const line of lines) {
    flow.reserve(lineHeight);
    flow.text(line, style, box.x, box.width, flow.y() + style.size * ASCENT, box.align);
    flow.advance(lineHeight);
  }
}
