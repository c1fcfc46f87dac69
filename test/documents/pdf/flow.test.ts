import { describe, expect, it } from 'vitest';
import { roundTrip } from './writing.ts';

describe('the layout of a document', () => {
  it('places every kind of block, on Letter in landscape', async () => {
    const { texts, pages } = await roundTrip({
      page: { size: 'Letter', landscape: true, margins: { top: 100 } },
      footer: { text: 'the foot' },
      blocks: [
        { type: 'title', text: 'Title', align: 'center' },
        { type: 'list', items: ['first', 'second'] },
        { type: 'list', ordered: true, items: ['erstens'] },
        { type: 'spacer', height: 900 },
        { type: 'paragraph', text: 'right', align: 'right', bold: true },
        { type: 'page_break' },
        { type: 'table', style: 'plain', columns: [{}, {}], rows: [[{ text: 'bold', bold: true }, null]] },
      ],
    });

    expect(pages).toBe(3);
    expect(texts[0]).toMatch(/Title[\s\S]*• first[\s\S]*• second[\s\S]*1\. erstens[\s\S]*the foot/);
    expect(texts[1]).toContain('right');
    expect(texts[2]).toContain('bold');
  });

  it('has page numbers and a footer in one line, unless they are switched off', async () => {
    const blocks = [{ type: 'page_break' }, { type: 'paragraph', text: 'x' }];
    const long = await roundTrip({ footer: { text: 'word '.repeat(39) }, blocks });
    const none = await roundTrip({ footer: { page_numbers: false }, blocks });

    expect(long.texts[1]).toMatch(/^x\n(word )+\S*…\s+2 \/ 2$/);
    expect(none.texts).toEqual(['', 'x']);
  });
});
