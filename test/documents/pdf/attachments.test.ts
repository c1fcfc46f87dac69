import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { readPdf } from './cases.ts';

describe('the attachments of a PDF', () => {
  it('have a name without a path, a media type and their bytes', async () => {
    const doc = await PDFDocument.create();
    doc.addPage();
    await doc.attach(new TextEncoder().encode('<invoice/>'), 'factur-x.xml', { mimeType: 'text/xml' });
    await doc.attach(new Uint8Array([1, 2, 3]), 'Größe.unknown', {});
    const { attachments, facts } = await readPdf(await doc.save());

    expect(attachments.map(({ name, type, bytes }) => [name, type, bytes])).toEqual([
      ['Größe.unknown', 'application/octet-stream', 3],
      ['factur-x.xml', 'application/xml', 10],
    ]);
    expect(new TextDecoder().decode(attachments[1]?.content)).toBe('<invoice/>');
    expect(facts.losses).toEqual([]);
  });

  it('are not read, and listed as lost, if they would fill the memory', async () => {
    const doc = await PDFDocument.create();
    doc.addPage().drawText('kept');
    await doc.attach(new Uint8Array(31_000_000), 'large.bin', {});
    const { attachments, facts, content } = await readPdf(await doc.save());

    expect({ attachments, pages: content.pages }).toEqual({ attachments: [], pages: ['kept'] });
    expect(facts.losses).toEqual([{ page: null, reason: expect.stringContaining('attachments') }]);
  });
});
