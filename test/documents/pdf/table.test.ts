import { describe, expect, it } from 'vitest';
import { roundTrip, write } from './writing.ts';

describe('a table in a document', () => {
  it('repeats its header on each of its pages', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => [`row ${index}`, index]);
    const columns = [{ header: 'Name' }, { header: 'Number', align: 'right' }];
    const { texts } = await roundTrip({ blocks: [{ type: 'table', columns, rows }] });

    expect(texts).toHaveLength(4);
    for (const [index, text] of texts.entries()) {
      expect(text).toMatch(/^Name\s+Number/);
      expect(text).toContain(`${index + 1} / 4`);
    }
    const all = texts.join('\n');
    for (const [name] of rows) expect(all).toMatch(new RegExp(`^${name}\\s`, 'm'));
  });

  it('aligns numbers to the right', async () => {
    const table = { type: 'table', columns: [{ align: 'right' }], rows: [[1], [1000]] };
    const { bytes } = await write({ footer: { page_numbers: false }, blocks: [table] });
    const { getDocumentProxy } = await import('unpdf');
    const page = await (await getDocumentProxy(bytes)).getPage(1);
    const { items } = await page.getTextContent();
    const ends = items.flatMap((item) => ('str' in item && item.str.trim() ? [item.transform[4] + item.width] : []));

    expect(ends).toHaveLength(2);
    expect(ends[0]).toBeCloseTo(ends[1], 0);
    expect(ends[0]).toBeGreaterThan(500);
  });

  it('breaks a row that is taller than a page over several pages', async () => {
    const cell = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
    const { texts } = await roundTrip({ blocks: [{ type: 'table', columns: [{ header: 'H' }], rows: [[cell]] }] });

    expect(texts.length).toBeGreaterThan(3);
    const lines = texts.join('\n').match(/line \d+/g) ?? [];
    expect(lines).toEqual(cell.split('\n'));
  });

  it('ends although its header is taller than the page', async () => {
    const header = 'x\n'.repeat(200);
    const { pages } = await write({ blocks: [{ type: 'table', columns: [{ header }], rows: [['a'], ['b\nc']] }] });

    expect(pages).toBeGreaterThan(1);
  });

  it('gives narrow columns the width they need, and wraps the wide ones', async () => {
    const wide = 'words '.repeat(40).trim();
    const { texts } = await roundTrip({ blocks: [{ type: 'table', columns: [{}, {}], rows: [['narrow', wide]] }] });

    expect(texts[0]?.replaceAll(/\s+/g, ' ')).toContain(`narrow ${wide}`);
    expect(texts[0]?.split('\n').length).toBeGreaterThan(2);
  });
});
