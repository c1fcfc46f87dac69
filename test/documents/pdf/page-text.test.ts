import { describe, expect, it } from 'vitest';
import { aCase, readPdf } from './cases.ts';
import { deflate, handmade, latin1, page } from './handmade.ts';

const textOf = async (name: string) => (await readPdf(aCase(name))).content.pages;

/** A page whose contents are these operators. */
const drawn = (content: string) => handmade(...page(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`));

const SHOWN = 'BT /F1 12 Tf 20 100 Td (kept) Tj ET';

describe('the text of a page', () => {
  it.each([
    ['font-empty', 'Ελληνικά Кириллица ąęśćż fi fl ½ € “quotes” — naïve'],
    ['trail5000', 'Hello encrypted world\nSecond line'],
    ['noeof', 'Hello encrypted world\nSecond line'],
    ['junkbefore2000', 'Hello encrypted world\nSecond line'],
    ['flate2', 'Double flate'],
    ['indirfilter', 'Indirect filter'],
    ['hand-90ms', '請求書 合計金額 東京都\nTotal 12345'],
    ['hand-unijis-ucs2', '請求書 合計金額 東京都\nTotal 12345'],
    ['gb1', '发票 北京市 总计\nTotal 123'],
    ['korea1', '안녕하세요 세계\nTotal 123'],
    ['op-gs', 'Page one more'],
  ])('of %s is what its page shows', async (name, text) => {
    expect(await textOf(name)).toEqual([text]);
  });

  it('that runs to the left has its words apart and in order, whatever program wrote it', async () => {
    expect((await textOf('rtl-pango'))[0]).toMatch(/^مرحبا بالعالم فاتورة رقم 123\nשלום עולם ABC 456\n/);
    expect((await textOf('rtl-points'))[0]).toBe('בְּרֵאשִׁית בָּרָא אֱלֹהִים בְּרֵאשִׁית בָּרָא\nאֱלֹהִים');
    expect((await textOf('rtl-chromium'))[0]).toContain(
      'שלום עולם, זה מסמך בעברית עם מספר 123 וגם English בתוך.\nمرحبا بالعالم هذه وثيقة رقم 456\n',
    );
  });

  it.each([
    ['a graphics state', '/None gs', 'graphics state'],
    ['a drawing', '/None Do', 'draws'],
    ['a font', 'BT /None 12 Tf (x) Tj ET', 'font None'],
    ['an operator', '1 2 abc', '"abc"'],
    ['operands', 'BT Tf ET', 'operands'],
  ])('is kept, and the loss is listed, if %s is missing', async (_, operators, loss) => {
    const { facts, content } = await readPdf(drawn(`${operators} ${SHOWN}`));

    expect(content.pages[0]).toContain('kept');
    expect(facts.losses).toEqual([{ page: 1, reason: expect.stringContaining(loss) }]);
  });

  it('of other pages is kept if the contents of a page are damaged', async () => {
    const packed = await deflate(latin1(`${SHOWN} `.repeat(99)));
    const cut = packed.slice(0, packed.length / 2);
    const ofPage = (contents: string) => (page('')[2] ?? '').replace('4 0 R', contents);
    const { facts, content } = await readPdf(
      handmade(
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>',
        ofPage('5 0 R'),
        ofPage('6 0 R'),
        `<< /Filter /FlateDecode /Length ${cut.length} >>\nstream\n${cut}\nendstream`,
        `<< /Length ${SHOWN.length} >>\nstream\n${SHOWN}\nendstream`,
      ),
    );

    expect(content.pages[1]).toBe('kept');
    expect(facts.losses).toEqual([{ page: 1, reason: expect.stringContaining('flate') }]);
  });

  it('of other pages is kept if a page is missing', async () => {
    const [catalog = '', , one = '', contents = ''] = page(
      `<< /Length ${SHOWN.length} >>\nstream\n${SHOWN}\nendstream`,
    );
    const pages = '<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>';
    const { facts, content } = await readPdf(handmade(catalog, pages, one, contents));

    expect(content.pages[0]).toBe('kept');
    expect(facts.losses).not.toEqual([]);
  });

  it('is listed as lost if a predefined character map is not there', async () => {
    const { facts } = await readPdf(aCase('hand-90ms'), { asset: async () => undefined });

    expect(facts.losses).toEqual([{ page: 1, reason: expect.stringContaining('90ms-RKSJ-H') }]);
  });

  it('without faults has no losses', async () => {
    for (const name of ['rtl-pango', 'hand-90ms', 'form-reportlab', 'trail5000', 'noeof', 'junkbefore2000'])
      expect((await readPdf(aCase(name))).facts.losses).toEqual([]);
  });
});
