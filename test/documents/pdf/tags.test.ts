import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../src/documents/index.ts';
import { checkTags, outlineOf } from './check-tags.ts';
import { roundTrip, write } from './writing.ts';

const picture: Picture = { format: 'pixels', rgb: new Uint8Array(300), width: 10, height: 10, orientation: 1 };

describe('the tags of a document', () => {
  it('say what each part is, and that the rest is decoration', async () => {
    const { bytes } = await write(
      {
        language: 'en',
        footer: { text: 'the foot' },
        blocks: [
          { type: 'title', text: 'Title' },
          { type: 'heading', text: 'One' },
          { type: 'paragraph', text: 'text\nand a second line' },
          { type: 'paragraph', text: '' },
          { type: 'list', items: ['first', ['a ', { text: 'link', url: 'https://example.com/ä' }]] },
          { type: 'image', image: 'uploads/a', alt: 'A black square' },
          { type: 'image', image: 'uploads/a', alt: '' },
          { type: 'image', image: 'uploads/a' },
          {
            type: 'table',
            columns: [{ header: 'a' }, {}],
            rows: [
              ['1', null],
              [{ text: 'x', url: 'mailto:a@b.c' }, 'y'],
            ],
          },
          { type: 'table', columns: [{}], rows: [] },
        ],
      },
      async () => picture,
    );
    const { root, faults, doc } = await checkTags(bytes);

    expect(faults).toEqual([]);
    expect(outlineOf(root).replaceAll('  ', '·').split('\n')).toEqual([
      ...['Document', '·H1', '·H2', '·P', '·L', '··LI', '···Lbl', '···LBody', '··LI', '···Lbl', '···LBody', '····Link'],
      ...[
        '·Figure',
        '·Figure',
        '·Table',
        '··TR',
        '···TH',
        '···TH',
        '··TR',
        '···TD',
        '···TD',
        '··TR',
        '···TD',
        '····Link',
      ],
      '···TD',
    ]);
    expect(root.children.filter(({ type }) => type === 'Figure').map(({ alt }) => alt)).toEqual([
      'A black square',
      'Picture',
    ]);
    expect(doc.getTitle()).toBe('Title');
    expect(doc.getLanguage()).toBe('en');
  });

  it('leave out no level of the headings', async () => {
    const levels = [3, 1, 3, 2, 3, 1, 2];
    const { bytes } = await write({ blocks: levels.map((level) => ({ type: 'heading', level, text: `${level}` })) });
    const { root, faults } = await checkTags(bytes);

    expect(faults).toEqual([]);
    expect(root.children.map(({ type }) => type)).toEqual(['H1', 'H1', 'H2', 'H2', 'H3', 'H1', 'H2']);
  });

  it('stay whole over many pages: paragraphs, links, lists, and rows taller than a page', async () => {
    const words = Array.from({ length: 1_000 }, (_, n) => `w${n}`).join(' ');
    const rich = [words, { text: words, url: 'https://example.com/' }, words];
    const rows = [
      ...Array.from({ length: 120 }, (_, n) => [`${n}`, 'text']),
      ['two words '.repeat(190), 'x\n'.repeat(90)],
    ];
    const { bytes, pages } = await write({
      title: 'Long',
      blocks: [
        { type: 'paragraph', text: rich },
        { type: 'list', ordered: true, items: [words, rich] },
        { type: 'table', columns: [{ header: 'No' }, { header: 'Text' }], rows },
        { type: 'spacer', height: 900 },
        { type: 'page_break' },
        { type: 'page_break' },
      ],
    });
    const { root, faults } = await checkTags(bytes);

    expect(pages).toBeGreaterThan(6);
    expect(faults).toEqual([]);
    expect(root.children.map(({ type }) => type)).toEqual(['P', 'L', 'Table']);
    expect(root.children[0]?.children.map(({ type }) => type)).toEqual(['Link']);
    expect(root.children[0]?.children[0]?.links.length).toBeGreaterThan(9);
    expect(root.children[2]?.children.length).toBe(122);
  });

  it('have one tag for each row when there are very many cells', async () => {
    const rows = Array.from({ length: 1_600 }, (_, n) => Array.from({ length: 20 }, (_, at) => n + at));
    const columns = Array.from({ length: 20 }, (_, at) => ({ header: `${at}` }));
    const { root, faults } = await checkTags(
      (await write({ title: 'x', blocks: [{ type: 'table', columns, rows }] })).bytes,
    );

    expect(faults).toEqual([]);
    expect(root.children[0]?.children.length).toBe(1_601);
    expect(root.children[0]?.children.at(-1)?.children.map(({ type }) => type)).toEqual(['TD']);
  });

  it('can be read with the links and the outline', async () => {
    const { outline, title, language } = await roundTrip({
      language: 'de-CH',
      blocks: [{ type: 'heading', text: 'Über uns' }],
    });

    expect({ outline, title, language }).toMatchObject({
      outline: [{ title: 'Über uns' }],
      title: 'Über uns',
      language: 'de-CH',
    });
  });
});
