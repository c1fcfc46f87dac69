import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { createPages } from '../../../src/documents/pdf/pages.ts';
import { createTags } from '../../../src/documents/pdf/tags.ts';
import { refusal } from '../source.ts';
import { write } from './writing.ts';

describe('the pages of a document', () => {
  it('begin when something is drawn, and end when they are closed', async () => {
    const doc = await PDFDocument.create();
    const pages = createPages(doc, [100, 200], [], createTags(doc));

    pages.close();
    pages.draw('0 g');
    expect(pages.open()).toBe(pages.open());
    pages.close();
    pages.draw('1 g');

    expect(await pages.finish((number, count) => `% ${number} of ${count}`)).toBe(2);
    expect(doc.getPages().map((page) => page.getSize())).toEqual([
      { width: 100, height: 200 },
      { width: 100, height: 200 },
    ]);
  });

  it('are refused when there are too many', async () => {
    const rows = Array.from({ length: 20_000 }, () => ['\n'.repeat(1_999)]);

    expect(await refusal(write({ blocks: [{ type: 'table', columns: [{}], rows }] }))).toMatchObject({
      code: 'too_many_pages',
    });
  });
});
