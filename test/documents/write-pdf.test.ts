import { PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { DocumentModel, type Picture, readDocument, writePdf } from '../../src/documents/index.ts';
import { join } from '../images/bombs.ts';
import { aPhoto } from '../support/photos.ts';
import { OPTIONS, sourceOf } from './source.ts';

type Model = Record<string, unknown> & { blocks: object[] };

const noPictures = () => Promise.reject(new Error('there are no pictures'));

async function write(model: Model, loadPicture: Parameters<typeof writePdf>[1]['loadPicture'] = noPictures) {
  return writePdf(DocumentModel.parse(model), { loadPicture });
}

/** Writes, and reads back what was written. */
async function roundTrip(model: Model) {
  const written = await write(model);
  const read = await readDocument(sourceOf(written.bytes), OPTIONS);
  if (read.kind !== 'pdf') throw new Error(`a ${read.kind}`);
  return { ...written, ...read.facts, texts: read.content.pages };
}

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

const refusal = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error);

describe('writePdf', () => {
  it('writes text of many scripts that reads back the same', async () => {
    const text = 'ÄÖÜ äöü ß € Ω Ж ✓ “quotes” – fi ffi 1/2';
    const { texts, pages, missingCharacters } = await roundTrip({ blocks: [{ type: 'paragraph', text }] });

    expect(texts[0]).toContain(text);
    expect({ pages, missingCharacters }).toEqual({ pages: 1, missingCharacters: 0 });
  });

  it('gives the document its properties and an outline of its headings', async () => {
    const read = await roundTrip({
      title: 'Räport',
      author: 'Ada',
      subject: 'Engines',
      language: 'de-CH',
      blocks: [
        { type: 'heading', text: 'One' },
        { type: 'heading', level: 2, text: 'One, below' },
        { type: 'heading', text: 'Two' },
      ],
    });

    expect(read).toMatchObject({ title: 'Räport', author: 'Ada', subject: 'Engines', language: 'de-CH' });
    expect(read.created_at).toBeNull();
    expect(read.outline).toEqual([
      { title: 'One', level: 1 },
      { title: 'One, below', level: 2 },
      { title: 'Two', level: 1 },
    ]);
  });

  it('writes equal bytes for equal documents', async () => {
    const model = { title: 'Same', blocks: [{ type: 'paragraph', text: 'always' }] };

    expect((await write(model)).bytes).toEqual((await write(model)).bytes);
  });

  it('draws a replacement for characters that the font lacks, and counts them', async () => {
    const { texts, missingCharacters } = await roundTrip({ blocks: [{ type: 'paragraph', text: 'a 漢字 b 🦄 c' }] });

    expect(texts[0]).toContain('a \ufffd\ufffd b \ufffd c');
    expect(missingCharacters).toBe(3);
  });

  it('takes text with control characters, lone surrogates and line separators', async () => {
    const text = 'a\u0000b\u0007\tc\r\nd\u2028e\ud800\u200bf';
    const { texts } = await roundTrip({ blocks: [{ type: 'paragraph', text }] });

    expect(texts[0]?.split('\n').slice(0, 3)).toEqual(['ab c', 'd', 'e\ufffdf']);
  });

  it('numbers the pages, and repeats the header of a table on each', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => [`row ${index}`, index]);
    const columns = [{ header: 'Name' }, { header: 'Number', align: 'right' }];
    const { texts } = await roundTrip({ blocks: [{ type: 'table', columns, rows }] });

    expect(texts).toHaveLength(4);
    for (const [index, text] of texts.entries()) {
      expect(text).toMatch(/^Name\s+Number/);
      expect(text).toContain(`${index + 1} / 4`);
    }
    const all = texts.join('\n');
    for (const [name] of rows) expect(all).toMatch(new RegExp(`^${name}\\s`, 'm'));
  });

  it('aligns numbers at the right', async () => {
    const table = { type: 'table', columns: [{ align: 'right' }], rows: [[1], [1000]] };
    const { bytes } = await write({ footer: { page_numbers: false }, blocks: [table] });
    const { getDocumentProxy } = await import('unpdf');
    const page = await (await getDocumentProxy(bytes)).getPage(1);
    const { items } = await page.getTextContent();
    const ends = items.flatMap((item) => ('str' in item && item.str.trim() ? [item.transform[4] + item.width] : []));

    expect(ends).toHaveLength(2);
    expect(ends[0]).toBeCloseTo(ends[1], 0);
    expect(ends[0]).toBeGreaterThan(500);
  });

  it('breaks a row that is taller than a page over several', async () => {
    const cell = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
    const { texts } = await roundTrip({ blocks: [{ type: 'table', columns: [{ header: 'H' }], rows: [[cell]] }] });

    expect(texts.length).toBeGreaterThan(3);
    const lines = texts.join('\n').match(/line \d+/g) ?? [];
    expect(lines).toEqual(cell.split('\n'));
  });

  it('comes to an end with a header that is taller than the page', async () => {
    const header = 'x\n'.repeat(200);
    const { pages } = await write({ blocks: [{ type: 'table', columns: [{ header }], rows: [['a'], ['b\nc']] }] });

    expect(pages).toBeGreaterThan(1);
  });

  it('cuts a word that is wider than its line', async () => {
    const word = 'x'.repeat(500);
    const { texts } = await roundTrip({ footer: { page_numbers: false }, blocks: [{ type: 'paragraph', text: word }] });

    expect(texts[0]?.replaceAll('\n', '')).toBe(word);
    expect(texts[0]?.split('\n').length).toBeGreaterThan(4);
  });

  it('takes every kind of block, on Letter, landscape', async () => {
    const { texts, pages } = await roundTrip({
      page: { size: 'Letter', landscape: true, margins: { top: 100 } },
      footer: { text: 'the foot' },
      blocks: [
        { type: 'title', text: 'Title', align: 'center' },
        { type: 'list', items: ['first', 'second'] },
        { type: 'list', ordered: true, items: ['erstens'] },
        { type: 'spacer', height: 900 },
        { type: 'paragraph', text: 'right', align: 'right', bold: true },
        { type: 'page_break' },
        { type: 'table', style: 'plain', columns: [{}, {}], rows: [[{ text: 'bold', bold: true }, null]] },
      ],
    });

    expect(pages).toBe(3);
    expect(texts[0]).toMatch(/Title[\s\S]*• first[\s\S]*• second[\s\S]*1\. erstens[\s\S]*the foot/);
    expect(texts[1]).toContain('right');
    expect(texts[2]).toContain('bold');
  });

  it('embeds JPEG and PNG once each, however often they are shown', async () => {
    const photo = await aPhoto({ width: 300, height: 200, orientation: 6 });
    const pictures: Record<string, Picture> = {
      'uploads/a': { bytes: photo, format: 'jpeg', width: 200, height: 300, orientation: 6 },
      'uploads/b': pixels(20, 10),
    };
    let loads = 0;
    const load = async (key: string) => {
      loads++;
      return pictures[key]!;
    };
    const blocks = ['uploads/a', 'uploads/b', 'uploads/a', 'uploads/b'].map((image) => ({
      type: 'image',
      image,
      width: 90,
    }));
    const { bytes, pages } = await write({ blocks }, load);
    const once = await write({ blocks: blocks.slice(0, 2) }, load);

    expect(loads).toBe(4);
    expect(pages).toBe(1);
    expect(bytes.length - once.bytes.length).toBeLessThan(500);
  });

  it.each([true, false])('embeds pixels as they are, with their transparency if they have any: %s', async (isClear) => {
    const { alpha, ...opaque } = pixels(200, 100);
    const picture = isClear ? { ...opaque, alpha } : opaque;
    const { bytes } = await write({ blocks: [{ type: 'image', image: 'uploads/a' }] }, async () => picture);
    const { text, streams } = await imagesOf(bytes);

    expect(streams).toEqual(isClear ? [alpha, opaque.rgb] : [opaque.rgb]);
    expect(text.includes('/SMask')).toBe(isClear);
  });

  it('refuses a picture that cannot be embedded, and pictures too large together', async () => {
    const blocks = ['uploads/a', 'uploads/b'].map((image) => ({ type: 'image', image }));
    const broken = { bytes: new Uint8Array(100), format: 'jpeg', width: 10, height: 10, orientation: 1 } as const;
    const large = { ...broken, bytes: join(await aPhoto({ width: 48, height: 32 }), new Uint8Array(11_000_000)) };
    const code = (picture: Picture) => refusal(write({ blocks }, async () => picture));

    expect(await code(broken)).toMatchObject({ code: 'broken_image', message: expect.stringContaining('uploads/a') });
    expect(await code(large)).toMatchObject({
      code: 'document_too_large',
      message: 'The pictures up to uploads/b take more than 20 MB of the document. Use fewer or smaller pictures.',
    });
  });

  it('ends what would have too many pages', async () => {
    const rows = Array.from({ length: 20_000 }, () => ['\n'.repeat(1_999)]);

    expect(await refusal(write({ blocks: [{ type: 'table', columns: [{}], rows }] }))).toMatchObject({
      code: 'too_many_pages',
    });
  });

  it('writes a table of 20,000 rows, reporting progress, and stops when it is aborted', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [index, `name ${index}`, 'a few words', '1,234.50']);
    const columns = [{ header: 'No' }, { header: 'Name' }, { header: 'Note' }, { header: 'Sum' }];
    const model = DocumentModel.parse({ blocks: [{ type: 'table', columns, rows }] });
    const steps: number[] = [];
    const { pages } = await writePdf(model, { loadPicture: noPictures, onProgress: (done) => steps.push(done) });
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('revoked'));

    expect(pages).toBeGreaterThan(500);
    expect(steps.length).toBeGreaterThan(100);
    expect(await refusal(writePdf(model, { loadPicture: noPictures, onProgress, signal: controller.signal }))).toEqual(
      new Error('revoked'),
    );
  });
});

describe('the model', () => {
  it.each([
    ['blocks', { blocks: [] }],
    ['blocks.0.type', { blocks: [{ type: 'video' }] }],
    ['blocks.0', { blocks: [{ type: 'paragraph', text: 'x', colour: 'red' }] }],
    ['blocks.0.rows.1', { blocks: [{ type: 'table', columns: [{}], rows: [['a'], ['b', 'c']] }] }],
    ['blocks.0.rows.0.0', { blocks: [{ type: 'table', columns: [{}], rows: [['x'.repeat(2_001)]] }] }],
    ['blocks.0.columns', { blocks: [{ type: 'table', columns: [], rows: [] }] }],
    ['blocks.0.image', { blocks: [{ type: 'image', image: 'payloads/x' }] }],
    ['blocks.0.text', { blocks: [{ type: 'paragraph', text: 'x'.repeat(20_001) }] }],
    ['blocks.50', { blocks: Array.from({ length: 51 }, () => ({ type: 'image', image: 'uploads/a' })) }],
    ['blocks', { blocks: Array.from({ length: 5_001 }, () => ({ type: 'page_break' })) }],
    [
      'blocks.1.rows',
      { blocks: [1, 2].map(() => ({ type: 'table', columns: [{}], rows: Array.from({ length: 10_001 }, () => [1]) })) },
    ],
    ['page.margins.top', { page: { margins: { top: 1 } }, blocks: [{ type: 'page_break' }] }],
    ['language', { language: 'English', blocks: [{ type: 'page_break' }] }],
  ])('is refused with the path %s', (path, model) => {
    const { error } = DocumentModel.safeParse(model);

    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
