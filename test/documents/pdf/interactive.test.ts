import { describe, expect, it } from 'vitest';
import { aCase, readPdf } from './cases.ts';
import { handmade } from './handmade.ts';

const contentOf = async (bytes: Uint8Array) => (await readPdf(bytes)).content;

/** A PDF with a form of these fields, which are objects from 4 on. The page shows those in `annots`. */
const aForm = (fields: string[], annots: string) =>
  handmade(
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${fields.map((_, index) => `${index + 4} 0 R`).join(' ')}] >> >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [${annots}] >>`,
    ...fields,
  );

describe('the form of a PDF', () => {
  it('gives the names and values of its fields, and which boxes are ticked', async () => {
    const { fields } = await contentOf(aCase('form-filled'));

    expect(fields).toEqual([
      { name: 'surname', type: 'text', value: 'Lovelace', checked: null, label: null, page: 1 },
      { name: 'member', type: 'checkbox', value: 'Yes', checked: true, label: null, page: 1 },
    ]);
  });

  it('gives every type of field once', async () => {
    const { fields } = await contentOf(aCase('form-reportlab'));

    expect(fields.map(({ name, type, value, checked }) => [name, type, value, checked])).toEqual([
      ['fname', 'text', 'Ada', null],
      ['notes', 'text', 'line1\nline2', null],
      ['yes', 'checkbox', 'Yes', true],
      ['no', 'checkbox', null, false],
      ['r', 'radio', 'b', true],
      ['ch', 'choice', 'two', null],
      ['lb', 'choice', 'x', null],
    ]);
    expect(fields[0]?.label).toBe('First name');
  });

  it('gives fields that no page shows', async () => {
    const field = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (hidden) /V (value) /Rect [0 0 1 1] >>';

    expect((await contentOf(aForm([field], ''))).fields).toEqual([
      { name: 'hidden', type: 'text', value: 'value', checked: null, label: null, page: null },
    ]);
  });
});

it('a form in XFA only is listed as lost', async () => {
  const form = '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"></xdp:xdp>';
  const { facts } = await readPdf(
    handmade(
      '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 4 0 R >> >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>',
      `<< /Length ${form.length} >>\nstream\n${form}\nendstream`,
    ),
  );

  expect(facts.losses).toEqual([{ page: null, reason: expect.stringContaining('XFA') }]);
});

describe('the annotations of a PDF', () => {
  it('give their texts, and links give where they lead', async () => {
    const { annotations, links } = await contentOf(aCase('form-reportlab'));

    expect(annotations).toEqual([
      { page: 2, type: 'Text', text: 'A sticky note with text', author: null },
      { page: 2, type: 'FreeText', text: 'Free text here', author: null },
    ]);
    expect(links).toEqual([
      { page: 1, url: 'https://example.com/a?b=1', to_page: null },
      { page: 2, url: null, to_page: 1 },
    ]);
  });

  it('are listed as lost if there are too many to be read at once', async () => {
    const { facts, content } = await readPdf(aForm([], '4 0 R '.repeat(50_001)));

    expect(content.annotations).toEqual([]);
    expect(facts.losses).toEqual([{ page: null, reason: expect.stringContaining('annotations') }]);
  });
});
