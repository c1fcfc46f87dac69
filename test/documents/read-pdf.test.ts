import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { type ReadOptions, readDocument } from '../../src/documents/index.ts';
import { OPTIONS, sourceOf } from './source.ts';

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

async function read(bytes: Uint8Array, options: Partial<ReadOptions> = {}) {
  const report = await readDocument(sourceOf(bytes), { ...OPTIONS, ...options });
  if (report.kind !== 'pdf') throw new Error(`a ${report.kind}`);
  return { ...report.facts, texts: report.content.pages };
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

async function aPdf(pages = 1, change: (doc: PDFDocument) => void = () => {}): Promise<Uint8Array> {
  const doc = await PDFDocument.create();
  for (let page = 1; page <= pages; page++) doc.addPage([200, 200]).drawText(`page ${page}`, { x: 20, y: 100 });
  change(doc);
  return doc.save();
}

const encrypted = () =>
  aPdf(1, (doc) => doc.encrypt({ userPassword: 'open sesame', ownerPassword: 'master', permissions: {} }));

/** A PDF with these objects (numbered from 1; 1 is the catalog), without a table of where they are: readers find them. */
function handmade(...objects: string[]): Uint8Array {
  const bodies = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  return latin1(`%PDF-1.7\n${bodies}trailer\n<< /Root 1 0 R /Size ${objects.length + 1} >>\nstartxref\n0\n%%EOF\n`);
}

async function deflate(bytes: Uint8Array): Promise<string> {
  const packed = new Response(bytes).body?.pipeThrough(new CompressionStream('deflate'));
  const buffer = new Uint8Array(await new Response(packed).arrayBuffer());
  return Array.from(buffer, (byte) => String.fromCharCode(byte)).join('');
}

const page = (contents: string) => [
  '<< /Type /Catalog /Pages 2 0 R >>',
  '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>',
  contents,
];

describe('a PDF', () => {
  it('gives the text of each page, and its properties', async () => {
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

  it('that is encrypted needs its password, and the right one', async () => {
    const bytes = await encrypted();

    const needed = await refusal(read(bytes));
    expect(needed).toMatchObject({ code: 'encrypted_pdf' });
    expect(String(needed)).toContain('password');
    expect(await refusal(read(bytes, { password: 'abracadabra' }))).toMatchObject({ code: 'wrong_password' });
    expect(await read(bytes, { password: 'open sesame' })).toMatchObject({ texts: ['page 1'], encrypted: true });
  });

  it('that is cut off, or nothing but a beginning, or scribbled over, is refused', async () => {
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

  it('with more pages than are read is refused', async () => {
    expect(await refusal(read(await aPdf(2_001)))).toMatchObject({ code: 'document_too_large' });
  });

  it('with a stream that would burst the memory is refused before it is unpacked', async () => {
    const zeros = await deflate(new Uint8Array(40_000_000).fill(32));
    const bomb = handmade(...page(`<< /Filter /FlateDecode /Length ${zeros.length} >>\nstream\n${zeros}\nendstream`));
    const error = await refusal(read(bomb));

    expect(error).toMatchObject({ code: 'document_too_large' });
    expect(String(error)).toContain('stream');
  });

  it.each([
    ['at once', '/Filter [/FlateDecode /FlateDecode]', []],
    ['under its short name', '/F [/Fl /LZW]', []],
    ['far before its bytes', `/Filter [/FlateDecode /FlateDecode] /X (${'x'.repeat(2_000)})`, []],
    ['far before its bytes in short', `/Filter [/Fl /Fl] /X (${'x'.repeat(2_000)})`, []],
    ['before what looks like an object', '/Filter [/FlateDecode /FlateDecode] /X (1 0 obj)', []],
    ['behind what looks like a stream', '/X (stream) /Filter [/FlateDecode /FlateDecode] /Y ( obj)', []],
    ['around what looks like a stream', `/Filter [/Fl % stream\n /Fl] /X (${'x'.repeat(2_000)})`, []],
    ['around what looks like its end', `/Filter [/Fl %] stream\n /Fl] /X (${'x'.repeat(2_000)})`, []],
    ['in another object', '/Filter 5 0 R', ['[/FlateDecode /FlateDecode]']],
    ['in other objects', '/Filter [5 0 R\n5 0 R]', ['/FlateDecode']],
    ['in another object under its short name', '/F 5 0 R', ['[/Fl /Fl]']],
    ['in another object behind a comment', '/Filter % here\n 5 0 R', ['[/FlateDecode /FlateDecode]']],
  ])('with a stream that says %s that it is compressed twice is refused', async (_, filter, objects) => {
    const twice = handmade(...page(`<< ${filter} /Length 3 >>\nstream\nabc\nendstream`), ...objects);

    expect(await refusal(read(twice))).toMatchObject({ code: 'document_too_large' });
  });

  it.each([
    ['/Filter /FlateDecode /DecodeParms 5 0 R', '<< /Predictor 1 >>'],
    ['/Filter [/FlateDecode] /DecodeParms [5 0 R]', '<< /Predictor 1 >>'],
    ['/Filter[/ASCIIHexDecode/FlateDecode]/Length 5 0 R', '0'],
    ['/Resources << /Font << /F 5 0 R >> >> /Filter /FlateDecode', '<< /Type /Font >>'],
  ])('with a stream of %s is read', async (dictionary, object) => {
    expect(await read(handmade(...page(`<< ${dictionary} >>\nstream\n\nendstream`), object))).toMatchObject({
      pages: 1,
    });
  });

  it('with more of what looks like a stream than is kept in mind is refused', async () => {
    const bytes = latin1(`%PDF-1.7\n${'stream\n'.repeat(300_000)}%%EOF\n`);

    expect(await refusal(read(bytes))).toMatchObject({ code: 'document_too_large' });
  });

  it('that is nothing but beginnings of filters, or escapes, is gone through without a list of them', async () => {
    for (const piece of ['/Filter ', '#25']) {
      const bytes = latin1(`%PDF-1.7\n<< ${piece.repeat(1_000_000)} >> stream\nabc\nendstream\n%%EOF\n`);

      expect(await refusal(read(bytes))).toMatchObject({ code: 'invalid_pdf' });
    }
  });

  it('that says it has no pages, or fewer, is refused', async () => {
    for (const count of [0, -1]) {
      const pages = `<< /Type /Pages /Kids [] /Count ${count} >>`;

      expect(await refusal(read(handmade('<< /Type /Catalog /Pages 2 0 R >>', pages)))).toMatchObject({
        code: 'invalid_pdf',
      });
    }
  });

  /** A page that draws a part ten times, which draws another ten times, and so on; the last one shows a text. */
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

  it('whose page lists one stream again and again is refused, wherever the list stands', async () => {
    const spaces = await deflate(new Uint8Array(1_000_000).fill(32));
    const stream = `<< /Length ${spaces.length} /Filter /FlateDecode >>\nstream\n${spaces}\nendstream`;
    const pages = page(stream);
    const withContents = (contents: string) => [
      ...pages.slice(0, 2),
      pages[2]!.replace('4 0 R', contents),
      ...pages.slice(3),
    ];
    const list = '4 0 R '.repeat(40);
    const hidden = await deflate(latin1(`5 0 [${list}]`));
    const refused = [
      handmade(...withContents(`[${list}]`)),
      handmade(...withContents('5 0 R'), `[ ${'4 0 R % (\n'.repeat(40)}]`),
      handmade(...withContents(`(%) [${'+4 00.0 R\n'.repeat(40)}]`)),
      handmade(
        ...withContents('5 0 R'),
        `<< /Type /Obj#53tm /N 1 /First 4 /Length ${hidden.length} >>\nstream\n${hidden}\nendstream`,
      ),
      handmade(
        ...withContents('5 0 R'),
        `<< /Type /ObjStm /N 1 /First 4 /Length ${hidden.length} /X ( obj) >>\nstream\n${hidden}\nendstream`,
      ),
    ];
    for (const bytes of refused) expect(await refusal(read(bytes))).toMatchObject({ code: 'document_too_large' });
    expect(await read(handmade(...withContents('[4 0 R 4 0 R]')))).toMatchObject({ texts: [''] });
  });

  it('with parts that draw parts is read, and left when they multiply, while others have their turn', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const small = await read(nested(2));
    const error = await refusal(read(nested(9)));
    clearInterval(timer);

    expect(small.texts[0]?.match(/ha/g)).toHaveLength(100);
    expect(error).toMatchObject({ code: 'document_too_large' });
    expect(turns).toBeGreaterThan(20);
  }, 30_000);

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
