import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { aCase, readPdf } from './cases.ts';

describe('the facts of a PDF', () => {
  it('give the pages to which its outline leads', async () => {
    const { facts } = await readPdf(aCase('form-reportlab'));

    expect(facts.outline).toEqual([
      { title: 'Chapter 1', level: 1, page: 1 },
      { title: 'Sub', level: 2, page: 2 },
    ]);
  });

  it('give its properties, and instants in UTC', async () => {
    const doc = await PDFDocument.create();
    doc.addPage();
    doc.setAuthor('Ada');
    doc.setCreationDate(new Date('2026-11-24T09:30:00Z'));
    const { facts } = await readPdf(await doc.save());

    expect(facts).toMatchObject({ author: 'Ada', subject: null, created_at: '2026-11-24T09:30:00.000Z' });
  });
});
