import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { type ReadOptions, readDocument } from '../../../src/documents/index.ts';
import { OPTIONS, refusal, sourceOf } from '../source.ts';
import { deflate, handmade, latin1, page } from './handmade.ts';

async function read(bytes: Uint8Array, options: Partial<ReadOptions> = {}) {
  const report = await readDocument(sourceOf(bytes), { ...OPTIONS, ...options });
  if (report.kind !== 'pdf') throw new Error(`a ${report.kind}`);
  return { ...report.facts, texts: report.content.pages };
}

async function aPdf(pages = 1, change: (doc: PDFDocument) => void = () => {}): Promise<Uint8Array> {
  const doc = await PDFDocument.create();
  for (let page = 1; page <= pages; page++) doc.addPage([200, 200]).drawText(`page ${page}`, { x: 20, y: 100 });
  change(doc);
  return doc.save();
}

const encrypted = () =>
  aPdf(1, (doc) => doc.encrypt({ userPassword: 'open sesame', ownerPassword: 'master', permissions: {} }));

describe('a PDF', () => {
  it('gives the text of each page and its properties', async () => {
    const bytes = await aPdf(3, (doc) => {
      doc.setTitle('Three');
      doc.setCreationDate(new Date('2026-11-24T09:30:00Z'));
    });
    const pdf = await read(bytes);

    expect(pdf.texts).toEqual(['page 1', 'page 2', 'page 3']);
    expect(pdf).toMatchObject({
      pages: 3,
      characters: 18,
      title: 'Three',
      author: null,
      encrypted: false,
      outline: [],
    });
    expect(pdf.created_at).toBe('2026-11-24T09:30:00.000Z');
  });

  it('that is encrypted needs the right password', async () => {
    const bytes = await encrypted();

    const needed = await refusal(read(bytes));
    expect(needed).toMatchObject({ code: 'encrypted_pdf' });
    expect(String(needed)).toContain('password');
    expect(await refusal(read(bytes, { password: 'abracadabra' }))).toMatchObject({ code: 'wrong_password' });
    expect(await read(bytes, { password: 'open sesame' })).toMatchObject({ texts: ['page 1'], encrypted: true });
  });

  it('that is cut off, only begun, or overwritten is refused', async () => {
    const bytes = await aPdf(20);
    const scribbled = bytes.map((byte, index) => (index > 100 && index < bytes.length - 30 ? byte ^ 0x55 : byte));

    expect(await refusal(read(bytes.subarray(0, bytes.length / 2)))).toMatchObject({ code: 'invalid_pdf' });
    expect(await refusal(read(latin1('%PDF-1.7\n')))).toMatchObject({ code: 'invalid_pdf' });
    expect(await refusal(read(latin1('%PDF-1.7\n%%EOF')))).toMatchObject({ code: 'invalid_pdf' });
    expect(await refusal(read(scribbled))).toMatchObject({ code: 'invalid_pdf' });
  });

  it('whose pages form a loop is refused', async () => {
    const loop = handmade(
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 2 >>',
      '<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 2 >>',
    );

    expect(await refusal(read(loop))).toMatchObject({ code: 'invalid_pdf' });
  });

  it('that says it has a million pages is refused', async () => {
    const many = handmade('<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>');
    const error = (await refusal(read(many))) as { code: string };

    expect(['invalid_pdf', 'document_too_large']).toContain(error.code);
  });

  it('with more than 2,000 pages is refused', async () => {
    expect(await refusal(read(await aPdf(2_001)))).toMatchObject({ code: 'document_too_large' });
  });

  it('that says it has no pages, or a negative number, is refused', async () => {
    for (const count of [0, -1]) {
      const pages = `<< /Type /Pages /Kids [] /Count ${count} >>`;

      expect(await refusal(read(handmade('<< /Type /Catalog /Pages 2 0 R >>', pages)))).toMatchObject({
        code: 'invalid_pdf',
      });
    }
  });

  /** A page that draws a part ten times, which draws another part ten times, and so on. The last part shows a text. */
  const nested = (levels: number) => {
    const part = (resources: string, content: string) =>
      `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${resources} >> /Length ${content.length} >>\nstream\n${content}\nendstream`;
    const parts = Array.from({ length: levels }, (_, level) =>
      part(`/XObject << /X ${6 + level} 0 R >>`, '/X Do '.repeat(10)),
    );
    const font = '/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>';
    return handmade(
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>',
      '<< /Length 5 >>\nstream\n/X Do\nendstream',
      ...parts,
      part(font, 'BT /F 12 Tf (ha) Tj ET'),
    );
  };

  it('with nested parts is read, or refused when they multiply, while other work goes on', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const small = await read(nested(2));
    const error = await refusal(read(nested(9)));
    clearInterval(timer);

    expect(small.texts[0]?.match(/ha/g)).toHaveLength(100);
    expect(error).toMatchObject({ code: 'document_too_large' });
    expect(turns).toBeGreaterThan(20);
  }, 120_000);

  it('made by hand, with a compressed page, is read', async () => {
    const text = await deflate(latin1('BT /F1 12 Tf 20 100 Td (by hand) Tj ET'));
    const pdf = await read(
      handmade(...page(`<< /Filter /FlateDecode /Length ${text.length} >>\nstream\n${text}\nendstream`)),
    );

    expect(pdf.pages).toBe(1);
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort(new Error('revoked')) };

    expect(await refusal(read(await aPdf(5), options))).toEqual(new Error('revoked'));
  });
});
