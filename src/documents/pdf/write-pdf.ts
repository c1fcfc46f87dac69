// Writes a document as a PDF. The same model and pictures give the same bytes: the PDF must contain no date and no random name.
import { PDFDocument } from '@cantoo/pdf-lib';
import { MAX_TAGGED_CELLS } from '../limits.ts';
import type { Block, DocumentModel } from '../model.ts';
import type { Picture } from './embed-picture.ts';
import { addFace, type Undrawn } from './face.ts';
import { createFlow, type Flow } from './flow.ts';
import { addOutline } from './outline.ts';
import { createPictures } from './picture.ts';
import { describe } from './properties.ts';
import { makeEntriesQuick } from './quick-entries.ts';
import { drawTable } from './table.ts';
import { createTags } from './tags.ts';
import { drawHeading, drawList, drawParagraph, type Entry, type Faces } from './text-blocks.ts';

export interface WriteOptions {
  /** A file of src/documents/assets by its path there; undefined when there is none. */
  asset(path: string): Promise<Uint8Array | undefined>;
  /** Loads the picture with this file key in a form that can be embedded: a PNG as at most MAX_PNG_PIXELS pixels. */
  loadPicture(fileKey: string): Promise<Picture>;
  /** Called from time to time with the number of blocks and rows that are laid out, and of all of them. */
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface WrittenPdf {
  bytes: Uint8Array;
  pages: number;
  /** The characters that were drawn as a replacement, the most frequent first. */
  undrawn: Undrawn[];
  /** How many pictures have no `alt`. */
  picturesWithoutAlt: number;
}

const BLOCKS_PER_TURN = 50;

makeEntriesQuick();

/**
 * Lays out and writes a document.
 * @throws DocumentError `too_many_pages`, `document_too_large`, `broken_image`, and any error of `loadPicture`
 */
export async function writePdf(model: DocumentModel, options: WriteOptions): Promise<WrittenPdf> {
  const doc = await PDFDocument.create({ updateMetadata: false });
  describe(doc, model);
  const tags = createTags(doc);
  const faces = {
    regular: await addFace(doc, 'F1', 'DejaVuSans', await loadFont(options, 'DejaVuSans')),
    bold: await addFace(doc, 'F2', 'DejaVuSans-Bold', await loadFont(options, 'DejaVuSans-Bold')),
  };
  const flow = createFlow(doc, model, [faces.regular, faces.bold], tags);
  const pictures = createPictures(doc, options.loadPicture);
  const turn = takeTurns(model, options);
  const outline: Entry[] = [];
  const rankOf = createRanks();
  const wholeRows = cellsOf(model) > MAX_TAGGED_CELLS;
  for (const block of model.blocks) {
    if (block.type === 'table') await drawTable(flow, faces, block, turn, wholeRows);
    else if (block.type === 'image') await pictures.draw(flow, block);
    else {
      const entry = drawSimple(flow, faces, block, rankOf);
      if (entry) outline.push(entry);
    }
    await turn(1);
  }
  const pages = await flow.finish({ face: faces.regular, size: 8, grey: 0.45 });
  addOutline(doc, outline);
  tags.root.done();
  tags.finish();
  const bytes = await doc.save({ useObjectStreams: true, addDefaultPage: false, updateFieldAppearances: false });
  const undrawn = together([...faces.regular.undrawn(), ...faces.bold.undrawn()]);
  return { bytes, pages, undrawn, picturesWithoutAlt: pictures.withoutAlt() };
}

/** Throws a plain Error, so that the task is tried again: the fonts are a part of every deploy. */
async function loadFont({ asset }: WriteOptions, name: string): Promise<Uint8Array> {
  const bytes = await asset(`fonts/${name}.ttf`);
  if (!bytes) throw new Error(`The font ${name} is not among the assets of the Worker. Deploy it again.`);
  return bytes;
}

/** The level of each heading in the tags: one more than that of the nearest earlier heading of a higher rank, so that none is left out. */
function createRanks() {
  const open: number[] = [];
  return (level: number) => {
    while ((open.at(-1) ?? -1) >= level) open.pop();
    return open.push(level);
  };
}

function cellsOf({ blocks }: DocumentModel): number {
  return blocks.reduce(
    (sum, block) => sum + (block.type === 'table' ? block.rows.length * block.columns.length : 0),
    0,
  );
}

/** The same character may be missing in both fonts. */
function together(lists: Undrawn[]): Undrawn[] {
  const sums = new Map<string, Undrawn>();
  for (const { character, count, reason } of lists) {
    const before = sums.get(character);
    sums.set(character, { character, count: count + (before?.count ?? 0), reason });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

function drawSimple(
  flow: Flow,
  faces: Faces,
  block: Exclude<Block, { type: 'table' | 'image' }>,
  rankOf: (level: number) => number,
): Entry | undefined {
  switch (block.type) {
    case 'title':
      drawHeading(flow, faces, block.text, { level: 0, rank: rankOf(0), align: block.align });
      return undefined;
    case 'heading':
      return drawHeading(flow, faces, block.text, { level: block.level, rank: rankOf(block.level) });
    case 'paragraph':
      drawParagraph(flow, faces, block);
      return undefined;
    case 'list':
      drawList(flow, faces, block);
      return undefined;
    case 'spacer':
      // Space that does not fit is not continued on the next page.
      if (block.height > flow.room()) flow.breakPage();
      else flow.advance(block.height);
      return undefined;
    case 'page_break':
      flow.breakPage();
      return undefined;
  }
}

/** Counts and reports progress, and lets the event loop run, so that the lease is renewed and a revocation is noticed. */
function takeTurns({ blocks }: DocumentModel, { onProgress, signal }: WriteOptions) {
  const total = blocks.reduce((sum, block) => sum + (block.type === 'table' ? block.rows.length : 0) + 1, 0);
  let done = 0;
  let paused = 0;
  return async (count: number) => {
    done += count;
    if (done - paused < BLOCKS_PER_TURN) return;
    paused = done;
    onProgress?.(done, total);
    await scheduler.wait(0);
    signal?.throwIfAborted();
  };
}
