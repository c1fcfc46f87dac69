import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../src/documents/index.ts';
import { checkStreams } from '../../../src/documents/pdf/check-streams.ts';
import { OPTIONS, refusal, sourceOf } from '../source.ts';
import { base85, deflate, handmade, latin1, page } from './handmade.ts';

/** Reads a PDF, which checks its streams first. */
async function read(bytes: Uint8Array) {
  const report = await readDocument(sourceOf(bytes), OPTIONS);
  if (report.kind !== 'pdf') throw new Error(`a ${report.kind}`);
  return { ...report.facts, texts: report.content.pages };
}

/** The codes that clear the table and end the data. */
const EMPTY_LZW = Uint8Array.of(0x80, 0x40, 0x40);

describe('a PDF', () => {
  it('with a stream that would fill the memory is refused', async () => {
    const zeros = await deflate(new Uint8Array(40_000_000).fill(32));
    const bomb = handmade(...page(`<< /Filter /FlateDecode /Length ${zeros.length} >>\nstream\n${zeros}\nendstream`));
    const error = await refusal(read(bomb));

    expect(error).toMatchObject({ code: 'document_too_large' });
    expect(String(error)).toContain('stream');
  });

  it.each([
    ['at once', '/Filter [/FlateDecode /LZWDecode]', []],
    ['under its short name', '/F [/Fl /LZW]', []],
    ['far before its bytes', `/Filter [/FlateDecode /LZWDecode] /X (${'x'.repeat(2_000)})`, []],
    ['far before its bytes in short', `/Filter [/Fl /LZW] /X (${'x'.repeat(2_000)})`, []],
    ['before what looks like an object', '/Filter [/FlateDecode /LZWDecode] /X (1 0 obj)', []],
    ['behind what looks like a stream', '/X (stream) /Filter [/FlateDecode /LZWDecode] /Y ( obj)', []],
    ['around what looks like a stream', `/Filter [/Fl % stream\n /LZW] /X (${'x'.repeat(2_000)})`, []],
    ['around what looks like their end', `/Filter [/Fl %] stream\n /LZW] /X (${'x'.repeat(2_000)})`, []],
    ['in another object', '/Filter 5 0 R', ['[/FlateDecode /LZWDecode]']],
    ['in other objects', '/Filter [5 0 R\n5 0 R]', ['/RL']],
    ['in another object under its short name', '/F 5 0 R', ['[/Fl /LZW]']],
    ['in another object behind a comment', '/Filter % here\n 5 0 R', ['[/FlateDecode /LZWDecode]']],
  ])(
    'with a stream whose filters, given %s, cannot be measured is refused by that name',
    async (_, filter, objects) => {
      const body = objects[0] === '/RL' ? '\x00\x80\x80' : await deflate(EMPTY_LZW);
      const stream = `<< ${filter} /Length ${body.length} >>\nstream\n${body}\nendstream`;
      const twice = handmade(...page(stream), ...objects);

      expect(await refusal(read(twice))).toMatchObject({ code: 'unmeasurable_pdf' });
    },
  );

  it.each([
    ['/Filter /FlateDecode /DecodeParms 5 0 R', '<< /Predictor 1 >>'],
    ['/Filter [/FlateDecode] /DecodeParms [5 0 R]', '<< /Predictor 1 >>'],
    ['/Filter[/ASCIIHexDecode/FlateDecode]/Length 5 0 R', '0'],
    ['/Resources << /Font << /F 5 0 R >> >> /Filter /FlateDecode', '<< /Type /Font >>'],
  ])('with a stream of %s is accepted', async (dictionary, object) => {
    expect(await read(handmade(...page(`<< ${dictionary} >>\nstream\n\nendstream`), object))).toMatchObject({
      pages: 1,
    });
  });

  it.each(['/Filter [/FlateDecode /FlateDecode]', '/Filter 5 0 R'])(
    'with a stream of %s that would fill the memory when it is unpacked twice is refused',
    async (filter) => {
      const once = await deflate(new Uint8Array(40_000_000));
      const packed = await deflate(latin1(once));
      const stream = `<< ${filter} /Length ${packed.length} >>\nstream\n${packed}\nendstream`;
      const bomb = handmade(...page(stream), '[/FlateDecode /FlateDecode]');

      expect(packed.length).toBeLessThan(960);
      expect(await refusal(read(bomb))).toMatchObject({ code: 'document_too_large' });
    },
  );

  it.each(['/Filter [/FlateDecode /FlateDecode]', '/Filter 5 0 R'])(
    'with a small stream of %s is read',
    async (filter) => {
      const packed = await deflate(latin1(await deflate(latin1('BT /F1 12 Tf 20 100 Td (in layers) Tj ET'))));
      const stream = `<< ${filter} /Length ${packed.length} >>\nstream\n${packed}\nendstream`;

      expect(await read(handmade(...page(stream), '[/FlateDecode /FlateDecode]'))).toMatchObject({
        texts: ['in layers'],
      });
    },
  );

  it('with a compressed stream that is written as text is measured and read', async () => {
    const wrapped = async (content: Uint8Array) => {
      const body = `${base85(await deflate(content))}~>`;
      return handmade(...page(`<< /Filter [/A85 /Fl] /Length ${body.length} >>\nstream\n${body}\nendstream`));
    };
    const bomb = await wrapped(new Uint8Array(40_000_000));

    expect(await refusal(read(bomb))).toMatchObject({ code: 'document_too_large' });
    expect(await read(await wrapped(latin1('BT /F1 12 Tf 20 100 Td (as text) Tj ET')))).toMatchObject({
      texts: ['as text'],
    });
  });

  it('with more than 100,000 pieces that look like a stream is refused', async () => {
    const bytes = latin1(`%PDF-1.7\n${'stream\n'.repeat(300_000)}%%EOF\n`);

    expect(await refusal(read(bytes))).toMatchObject({ code: 'document_too_large' });
  });

  it('that consists of beginnings of filters, or of escapes, is checked without a list of them', async () => {
    for (const piece of ['/Filter ', '#25']) {
      const bytes = latin1(`%PDF-1.7\n<< ${piece.repeat(1_000_000)} >> stream\nabc\nendstream\n%%EOF\n`);

      expect(await refusal(read(bytes))).toMatchObject({ code: 'invalid_pdf' });
    }
  });

  it('whose page lists one stream many times is refused, at every place where a list may be', async () => {
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

  it('with a large picture is accepted, because a picture is not decoded', async () => {
    const packed = await deflate(new Uint8Array(40_000_000));
    const picture = `<< /Subtype /Image /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed}\nendstream`;

    await expect(checkStreams(handmade(...page(picture)))).resolves.toMatchObject({ attachedBytes: 0 });
  });
});
