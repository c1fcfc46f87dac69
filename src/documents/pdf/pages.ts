// The pages of a PDF that is being written. What is drawn on a page is kept as text and compressed when the page is closed, so
// that a long document needs little more memory than its file.
import { type PDFDocument, PDFName, type PDFPage, type PDFRef } from '@cantoo/pdf-lib';
import { DocumentError } from '../document-error.ts';
import { MAX_PAGES_WRITTEN } from '../limits.ts';
import type { Face } from './face.ts';
import type { TagElement, Tags } from './tags.ts';

export interface Pages {
  /**
   * The current page. Begins a page if none is open.
   * @throws DocumentError `too_many_pages`
   */
  open(): PDFPage;
  /** Compresses the current page, if one is open. */
  close(): void;
  /** Adds operators of a content stream to the current page, as content of an element or as decoration. */
  draw(operators: string, owner?: TagElement): void;
  /** Makes the picture available to all pages, and returns its name in content streams. */
  nameOf(image: PDFRef): string;
  /** Closes the last page and adds `footerOf(number, count)` to each page, unless it is ''. Returns the number of pages. */
  finish(footerOf: (number: number, count: number) => string): Promise<number>;
}

const PAGES_PER_TURN = 100;

/** `size`: width and height of a page, in points. */
export function createPages(doc: PDFDocument, size: [number, number], faces: Face[], tags: Tags): Pages {
  const fonts = Object.fromEntries(faces.map(({ name, font }) => [name, font.ref]));
  const images = doc.context.obj({});
  const resources = doc.context.register(doc.context.obj({ Font: fonts, XObject: images }));
  const closed: { page: PDFPage; body: PDFRef }[] = [];
  let page: PDFPage | undefined;
  let parts: string[] = [];
  /** To what the last part belongs. */
  let owned: TagElement | 'decoration' | undefined;

  const pack = (content: string) => doc.context.register(doc.context.flateStream(content));
  const open = () => {
    if (page) return page;
    if (closed.length >= MAX_PAGES_WRITTEN)
      throw new DocumentError('too_many_pages', `The document would have more than ${MAX_PAGES_WRITTEN} pages.`);
    page = doc.addPage(size);
    page.node.set(PDFName.of('Resources'), resources);
    // The key Tab goes from link to link in the order of reading.
    page.node.set(PDFName.of('Tabs'), PDFName.of('S'));
    return page;
  };
  const close = () => {
    if (owned) parts.push('EMC');
    if (page) {
      tags.closePage(page);
      closed.push({ page, body: pack(parts.join('\n')) });
    }
    parts = [];
    owned = undefined;
    page = undefined;
  };

  return {
    open,
    close,
    draw(operators, owner) {
      const current = open();
      if (owned !== (owner ?? 'decoration')) {
        if (owned) parts.push('EMC');
        parts.push(owner ? `/${owner.type} <</MCID ${owner.mark(current)}>> BDC` : '/Artifact BMC');
        owned = owner ?? 'decoration';
      }
      parts.push(operators);
    },
    nameOf(image) {
      const name = `I${image.objectNumber}`;
      images.set(PDFName.of(name), image);
      return name;
    },
    async finish(footerOf) {
      close();
      for (const [index, { page: one, body }] of closed.entries()) {
        const footer = footerOf(index + 1, closed.length);
        const contents =
          footer === '' ? [body] : [body, pack(`/Artifact <</Type/Pagination/Subtype/Footer>> BDC ${footer} EMC`)];
        one.node.set(PDFName.of('Contents'), doc.context.obj(contents));
        if (index % PAGES_PER_TURN === 0) await scheduler.wait(0);
      }
      return closed.length;
    },
  };
}
