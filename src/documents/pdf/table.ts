// Draws tables: chooses column widths, wraps cells, breaks rows over pages, and repeats the header on each page.
import type { Align, Cell, TableBlock } from '../model.ts';
import { clean } from './clean.ts';
import type { Face } from './face.ts';
import type { Flow } from './flow.ts';
import { breakLines, type Line } from './lines.ts';
import type { TagElement } from './tags.ts';
import { closeLinks, type Faces } from './text-blocks.ts';

const SIZE = 9;
const LINE_HEIGHT = 12.4;
/** The space on each side of a cell, in points; the vertical space depends on the style of the table. */
const PADDING_X = 6;
const PADDING_Y = { rules: 4.2, plain: 1.6 };
const BASELINE = 9.4;
const AFTER = 12;
/** The number of rows from which the column widths are chosen. */
const MEASURED_ROWS = 200;
const MIN_WIDTH = 26;
const ROWS_PER_TURN = 100;

/** The place of a column's text, without the padding. */
interface Column {
  x: number;
  width: number;
  align: Align | undefined;
}

interface WrappedCell {
  lines: Line[];
  face: Face;
}

/** The elements of a row and of its cells. */
interface RowTags {
  row: TagElement;
  cells: TagElement[];
}

/**
 * Draws a table. Calls `onRows` with the number of rows drawn since the last call; `onRows` may pause the work.
 * `wholeRows`: a row has one tag for all of its cells, because a tag for each would not fit into memory.
 */
export async function drawTable(
  flow: Flow,
  faces: Faces,
  table: TableBlock,
  onRows: (count: number) => Promise<void>,
  wholeRows = false,
): Promise<void> {
  const columns = place(flow.width, faces, table);
  const ruled = table.style === 'rules';
  const padding = PADDING_Y[table.style];
  const heightOf = (row: WrappedCell[]) => linesOf(row) * LINE_HEIGHT + 2 * padding;
  const wrapRow = (cells: Cell[], bold = false) =>
    cells.map((cell, at) => wrapCell(cell, bold, faces, columns[at]?.width ?? 0));
  const hasHeader = table.columns.some(({ header }) => header !== undefined);
  const header = hasHeader
    ? wrapRow(
        table.columns.map(({ header = null }) => header),
        true,
      )
    : undefined;
  const headerHeight = header ? heightOf(header) : 0;
  if (!header && table.rows.length === 0) return flow.advance(AFTER);
  const element = flow.root.add('Table');
  // Without tags, the header is a repetition, which a screen reader leaves out.
  const drawHeader = (tags?: RowTags) => {
    if (header) drawCells(flow, columns, header, { from: 0, count: linesOf(header) }, ruled ? 'header' : 'plain', tags);
  };
  const nextPage = () => {
    flow.breakPage();
    drawHeader();
  };

  const first = table.rows[0] ? heightOf(wrapRow(table.rows[0])) : 0;
  flow.reserve(headerHeight + Math.min(first, flow.height / 3));
  const headerTags = header && tagRow(element, header, 'TH', '/A<</O/Table/Scope/Column>>');
  drawHeader(headerTags);
  if (header && headerTags) closeRow(headerTags, header);
  for (const [index, cells] of table.rows.entries()) {
    const row = wrapRow(cells);
    const tags = wholeRows ? tagWholeRow(element, row) : tagRow(element, row, 'TD');
    const total = linesOf(row);
    // A row that fits on a page stays on one page. A taller row is cut between two lines.
    if (heightOf(row) > flow.room() && heightOf(row) <= flow.height - headerHeight) nextPage();
    for (let from = 0; from < total; ) {
      const fitting = Math.floor((flow.room() - 2 * padding) / LINE_HEIGHT);
      // If the header fills the page, one line is drawn all the same, so that the loop ends.
      const count = Math.min(total - from, Math.max(fitting, flow.y() <= headerHeight ? 1 : 0));
      if (count <= 0) {
        nextPage();
        continue;
      }
      drawCells(flow, columns, row, { from, count }, ruled ? 'row' : 'plain', tags);
      from += count;
    }
    closeRow(tags, row);
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await onRows(ROWS_PER_TURN);
  }
  await onRows(table.rows.length % ROWS_PER_TURN);
  element.done();
  flow.advance(AFTER);
}

function tagRow(table: TagElement, cells: WrappedCell[], type: 'TH' | 'TD', attributes?: string): RowTags {
  const row = table.add('TR');
  return { row, cells: cells.map(() => row.add(type, attributes)) };
}

function tagWholeRow(table: TagElement, cells: WrappedCell[]): RowTags {
  const row = table.add('TR');
  const whole = row.add('TD', `/A<</O/Table/ColSpan ${cells.length}>>`);
  return { row, cells: cells.map(() => whole) };
}

function closeRow({ row, cells }: RowTags, wrapped: WrappedCell[]): void {
  for (const { lines } of wrapped) closeLinks(lines);
  for (const cell of new Set(cells)) cell.done();
  row.done();
}

function drawCells(
  flow: Flow,
  columns: Column[],
  row: WrappedCell[],
  { from, count }: { from: number; count: number },
  look: 'header' | 'row' | 'plain',
  tags: RowTags | undefined,
): void {
  const top = flow.y();
  const padding = look === 'plain' ? PADDING_Y.plain : PADDING_Y.rules;
  const height = count * LINE_HEIGHT + 2 * padding;
  if (look === 'header') flow.fill(0, top, flow.width, height, 0.945);
  for (const [at, { lines, face }] of row.entries()) {
    const column = columns[at];
    if (!column) continue;
    const style = { face, size: SIZE, grey: look === 'header' ? 0.25 : 0.13 };
    for (const [index, line] of lines.slice(from, from + count).entries()) {
      const baseline = top + padding + index * LINE_HEIGHT + BASELINE;
      flow.line(line, style, { ...column, baseline }, tags?.cells[at]);
    }
  }
  if (look === 'header') flow.rule(0, top + height, flow.width, 0.8, 0.45);
  if (look === 'row') flow.rule(0, top + height, flow.width, 0.5, 0.84);
  flow.advance(height);
}

function wrapCell(cell: Cell, bold: boolean, faces: Faces, width: number): WrappedCell {
  const face = bold || (typeof cell === 'object' && cell?.bold) ? faces.bold : faces.regular;
  const url = typeof cell === 'object' ? cell?.url : undefined;
  const text = textOf(cell);
  return { face, lines: breakLines(url === undefined ? text : [{ text, url }], face, SIZE, width) };
}

function textOf(cell: Cell): string {
  if (cell === null) return '';
  return clean(typeof cell === 'object' ? cell.text : String(cell));
}

function linesOf(row: WrappedCell[]): number {
  return Math.max(1, ...row.map(({ lines }) => lines.length));
}

/** Column widths by the wanted shares or, without any, by the contents of the columns. */
function place(width: number, faces: Faces, table: TableBlock): Column[] {
  const asked = table.columns.some((column) => column.width !== undefined);
  const shares = asked
    ? table.columns.map((column) => column.width ?? 1)
    : shareOut(
        width,
        table.columns.map((_, at) => naturalWidth(faces, table, at)),
      );
  const sum = shares.reduce((total, share) => total + share, 0);
  let x = 0;
  return table.columns.map(({ align }, at) => {
    const full = ((shares[at] ?? 0) / sum) * width;
    // A plain table has no shade and no rules, so its first column begins at the left edge of the text.
    const left = at === 0 && table.style === 'plain' ? 0 : PADDING_X;
    const column = { x: x + left, width: full - left - PADDING_X, align };
    x += full;
    return column;
  });
}

/** Narrow columns get the width they need; wide columns share the rest. */
function shareOut(width: number, natural: number[]): number[] {
  const order = natural.map((_, at) => at).sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0));
  const widths = [...natural];
  let left = width;
  for (const [served, at] of order.entries()) {
    const fair = left / (order.length - served);
    widths[at] = Math.min(natural[at] ?? 0, fair);
    left -= widths[at];
  }
  return widths;
}

function naturalWidth({ regular, bold }: Faces, { columns, rows }: TableBlock, at: number): number {
  const widest = (face: Face, text: string) => Math.max(...text.split('\n').map((line) => face.widthOf(line, SIZE)));
  const header = widest(bold, clean(columns[at]?.header ?? ''));
  const cells = rows.slice(0, MEASURED_ROWS).map((cells) => {
    const cell = cells[at] ?? null;
    return widest(typeof cell === 'object' && cell?.bold ? bold : regular, textOf(cell));
  });
  // A little wider than exact, so that rounding does not break a line.
  return Math.max(MIN_WIDTH, header, ...cells) + 2 * PADDING_X + 0.5;
}
