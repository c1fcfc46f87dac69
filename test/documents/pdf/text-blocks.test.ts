import { describe, expect, it } from 'vitest';
import { roundTrip } from './writing.ts';

describe('the text of a document', () => {
  it('has markers for lists, numbered if the list is ordered', async () => {
    const { texts } = await roundTrip({
      blocks: [
        { type: 'list', items: ['first', 'second'] },
        { type: 'list', ordered: true, items: Array.from({ length: 12 }, (_, n) => `item ${n}`) },
      ],
    });

    expect(texts[0]).toMatch(/• first\n• second\n1\. item 0\n[\s\S]*12\. item 11/);
  });

  it('keeps a heading on the page of the text after it', async () => {
    const { texts } = await roundTrip({
      blocks: [
        { type: 'spacer', height: 690 },
        { type: 'heading', text: 'Chapter' },
        { type: 'paragraph', text: 'text' },
      ],
    });

    expect(texts[0]).not.toContain('Chapter');
    expect(texts[1]).toMatch(/^Chapter\ntext/);
  });

  it('breaks a long paragraph over pages, line by line', async () => {
    const words = Array.from({ length: 3_000 }, (_, n) => `w${n}`).join(' ');
    const { texts } = await roundTrip({
      footer: { page_numbers: false },
      blocks: [{ type: 'paragraph', text: words }],
    });

    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join(' ').replaceAll(/\s+/g, ' ').trim()).toBe(words);
  });
});
