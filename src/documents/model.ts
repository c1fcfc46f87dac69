// The JSON model of a document to be written, for POST /documents and the task document.pdf. It is strict and limited, so
// that every document that passes can be laid out.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import {
  MAX_BLOCKS,
  MAX_CELL_CHARACTERS,
  MAX_IMAGES,
  MAX_LIST_ITEMS,
  MAX_TABLE_COLUMNS,
  MAX_TABLE_ROWS,
  MAX_TEXT_CHARACTERS,
  MAX_TEXT_PARTS,
} from './limits.ts';

const align = lazy(() => z.enum(['left', 'right', 'center']));
const text = lazy(() => z.string().max(MAX_TEXT_CHARACTERS));
const line = lazy(() => z.string().max(500));
/** In points (1/72 inch). */
const points = lazy(() => z.number().min(0).max(1_000));
const cellText = lazy(() => z.string().max(MAX_CELL_CHARACTERS));

const url = lazy(() =>
  z
    .string()
    .max(2_000)
    .refine((value) => /^(https?|mailto|tel):/i.test(value) && URL.canParse(value), {
      error: 'must be an address that begins with https:, http:, mailto: or tel:',
    }),
);

/** A text, or its parts in turn, of which some are links. */
const richText = lazy(() =>
  z.union([
    text(),
    z
      .array(z.union([text(), z.strictObject({ text: text(), url: url() })]))
      .min(1)
      .max(MAX_TEXT_PARTS)
      .refine((parts) => lengthOf(parts) <= MAX_TEXT_CHARACTERS, {
        error: `must have at most ${MAX_TEXT_CHARACTERS} characters together`,
      }),
  ]),
);

// Without `align`, text is aligned to the side where reading begins.
const title = lazy(() => z.strictObject({ type: z.literal('title'), text: line(), align: align().optional() }));

const heading = lazy(() =>
  z.strictObject({ type: z.literal('heading'), level: z.int().min(1).max(3).default(1), text: line() }),
);

const paragraph = lazy(() =>
  z.strictObject({
    type: z.literal('paragraph'),
    text: richText(),
    align: align().optional(),
    bold: z.boolean().default(false),
    muted: z.boolean().default(false),
    size: z.number().min(6).max(36).default(10),
  }),
);

const list = lazy(() =>
  z.strictObject({
    type: z.literal('list'),
    ordered: z.boolean().default(false),
    items: z.array(richText()).max(MAX_LIST_ITEMS),
  }),
);

const column = lazy(() =>
  z.strictObject({
    header: cellText().optional(),
    /** The column's share of the table's width, relative to the other columns. If no column has one, the contents decide. */
    width: z.number().positive().max(1_000).optional(),
    align: align().optional(),
  }),
);

const cell = lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.null(),
    z.strictObject({ text: cellText(), bold: z.boolean().default(false), url: url().optional() }),
  ]),
);

const table = lazy(() =>
  z.strictObject({
    type: z.literal('table'),
    columns: z.array(column()).min(1).max(MAX_TABLE_COLUMNS),
    rows: z.array(z.array(cell()).max(MAX_TABLE_COLUMNS)).max(MAX_TABLE_ROWS),
    /** `rules`: a shaded header, and a line under each row. `plain`: neither. */
    style: z.enum(['rules', 'plain']).default('rules'),
  }),
);

const image = lazy(() =>
  z.strictObject({
    type: z.literal('image'),
    /** The file key of a JPEG, PNG, GIF or WebP. */
    image: z.string().regex(/^(uploads|outputs)\//, 'must be a file key'),
    /** What the picture shows, for readers who cannot see it. Empty: it is decoration. */
    alt: z.string().max(1_000).optional(),
    width: points().min(1).optional(),
    align: align().default('left'),
  }),
);

const spacer = lazy(() => z.strictObject({ type: z.literal('spacer'), height: points() }));
const pageBreak = lazy(() => z.strictObject({ type: z.literal('page_break') }));

const block = lazy(() =>
  z.discriminatedUnion('type', [title(), heading(), paragraph(), list(), table(), image(), spacer(), pageBreak()]),
);

const margin = lazy(() => z.number().min(18).max(200));

const page = lazy(() =>
  z.strictObject({
    size: z.enum(['A4', 'Letter']).default('A4'),
    landscape: z.boolean().default(false),
    /** In points. The footer is printed in the bottom margin. */
    margins: z
      .strictObject({
        top: margin().default(56),
        right: margin().default(56),
        bottom: margin().default(64),
        left: margin().default(56),
      })
      .prefault({}),
  }),
);

const footer = lazy(() =>
  z.strictObject({ text: z.string().max(200).default(''), page_numbers: z.boolean().default(true) }),
);

/** A document to be written. `title`, `author`, `subject`, `keywords` and `language` become properties of
 * the PDF and are not printed. */
export const DocumentModel = lazy(() =>
  z
    .strictObject({
      title: line().optional(),
      author: line().optional(),
      subject: line().optional(),
      keywords: z.array(line()).max(50).default([]),
      /** BCP 47, for example `en` or `de-CH`. */
      language: z
        .string()
        .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as "en" or "de-CH"')
        .optional(),
      page: page().prefault({}),
      footer: footer().prefault({}),
      blocks: z.array(block()).min(1).max(MAX_BLOCKS),
    })
    .superRefine(checkWhole),
);

export type DocumentModel = z.output<ReturnType<typeof DocumentModel>>;
export type Block = DocumentModel['blocks'][number];
export type TableBlock = Extract<Block, { type: 'table' }>;
export type Cell = TableBlock['rows'][number][number];
export type Align = z.output<ReturnType<typeof align>>;
export type RichText = z.output<ReturnType<typeof richText>>;

function lengthOf(parts: (string | { text: string })[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? part : part.text).length, 0);
}

/** Checks what no block shows alone: sums over the document, and rows that do not match their columns. */
function checkWhole({ blocks }: { blocks: z.output<ReturnType<typeof block>>[] }, context: z.RefinementCtx): void {
  let rows = 0;
  let images = 0;
  for (const [at, one] of blocks.entries()) {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: ['blocks', at, ...path], message });
    if (one.type === 'image' && ++images === MAX_IMAGES + 1)
      refuse([], `must be left out: a document may have at most ${MAX_IMAGES} images`);
    if (one.type !== 'table') continue;
    const before = rows;
    rows += one.rows.length;
    if (before <= MAX_TABLE_ROWS && rows > MAX_TABLE_ROWS)
      refuse(['rows'], `must be fewer: all tables of a document may have ${MAX_TABLE_ROWS} rows together`);
    for (const [row, cells] of one.rows.entries()) {
      if (cells.length !== one.columns.length)
        refuse(['rows', row], `has ${cells.length} cells for ${one.columns.length} columns`);
      const long = cells.findIndex((value) => typeof value === 'string' && value.length > MAX_CELL_CHARACTERS);
      if (long >= 0) refuse(['rows', row, long], `must have at most ${MAX_CELL_CHARACTERS} characters`);
    }
  }
}
