import { describe, expect, it } from 'vitest';
import { roundTrip } from './writing.ts';

describe('the outline of a document', () => {
  it('lists the headings by their level, beside the properties of the document', async () => {
    const read = await roundTrip({
      title: 'Räport',
      author: 'Ada',
      subject: 'Engines',
      language: 'de-CH',
      blocks: [
        { type: 'heading', text: 'One' },
        { type: 'heading', level: 2, text: 'One, below' },
        { type: 'heading', text: 'Two' },
      ],
    });

    expect(read).toMatchObject({ title: 'Räport', author: 'Ada', subject: 'Engines', language: 'de-CH' });
    expect(read.created_at).toBeNull();
    expect(read.outline).toEqual([
      { title: 'One', level: 1, page: 1 },
      { title: 'One, below', level: 2, page: 1 },
      { title: 'Two', level: 1, page: 1 },
    ]);
  });

  it('puts a heading below the nearest one of a higher rank, also when a level is missing', async () => {
    const headings = [2, 3, 1, 3].map((level, index) => ({ type: 'heading', level, text: `${index}` }));

    expect((await roundTrip({ blocks: headings })).outline).toEqual([
      { title: '0', level: 1, page: 1 },
      { title: '1', level: 2, page: 1 },
      { title: '2', level: 1, page: 1 },
      { title: '3', level: 2, page: 1 },
    ]);
  });

  it('is empty without headings', async () => {
    expect((await roundTrip({ blocks: [{ type: 'title', text: 'Title' }] })).outline).toEqual([]);
  });
});
