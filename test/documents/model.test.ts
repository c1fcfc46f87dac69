import { describe, expect, it } from 'vitest';
import { DocumentModel } from '../../src/documents/index.ts';

describe('the model of a document', () => {
  it.each([
    ['blocks', { blocks: [] }],
    ['blocks.0.type', { blocks: [{ type: 'video' }] }],
    ['blocks.0', { blocks: [{ type: 'paragraph', text: 'x', colour: 'red' }] }],
    ['blocks.0.rows.1', { blocks: [{ type: 'table', columns: [{}], rows: [['a'], ['b', 'c']] }] }],
    ['blocks.0.rows.0.0', { blocks: [{ type: 'table', columns: [{}], rows: [['x'.repeat(2_001)]] }] }],
    ['blocks.0.columns', { blocks: [{ type: 'table', columns: [], rows: [] }] }],
    ['blocks.0.image', { blocks: [{ type: 'image', image: 'payloads/x' }] }],
    ['blocks.0.text', { blocks: [{ type: 'paragraph', text: 'x'.repeat(20_001) }] }],
    ['blocks.50', { blocks: Array.from({ length: 51 }, () => ({ type: 'image', image: 'uploads/a' })) }],
    ['blocks', { blocks: Array.from({ length: 5_001 }, () => ({ type: 'page_break' })) }],
    [
      'blocks.1.rows',
      { blocks: [1, 2].map(() => ({ type: 'table', columns: [{}], rows: Array.from({ length: 10_001 }, () => [1]) })) },
    ],
    ['page.margins.top', { page: { margins: { top: 1 } }, blocks: [{ type: 'page_break' }] }],
    ['language', { language: 'English', blocks: [{ type: 'page_break' }] }],
  ])('is refused with the path %s', (path, model) => {
    const { error } = DocumentModel().safeParse(model);

    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  it('fills in its defaults', () => {
    expect(DocumentModel().parse({ blocks: [{ type: 'heading', text: 'One' }] })).toMatchObject({
      page: { size: 'A4', landscape: false, margins: { top: 56, bottom: 64 } },
      footer: { text: '', page_numbers: true },
      blocks: [{ type: 'heading', level: 1, text: 'One' }],
    });
  });
});
