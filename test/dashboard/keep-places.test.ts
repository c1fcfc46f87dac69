import { describe, expect, it } from 'vitest';
import { keepPlaces } from '../../src/dashboard/keep-places.ts';

const rows = (text: string) => [...text].map((id) => ({ id }));
const keep = (shown: string, latest: string) => {
  const { items, news } = keepPlaces(rows(shown), rows(latest), ({ id }) => id);
  return [items.map(({ id }) => id).join(''), news];
};

describe('the rows of a list that stands still', () => {
  it.each([
    ['abc', 'abc', undefined],
    ['abc', 'xab', '1 new'],
    ['abc', 'xyz', '3+ new'],
    ['abc', 'ab', '1 gone'],
    ['abc', 'cab', 'New order'],
    ['abc', '', '3 gone'],
    ['', '', undefined],
  ])('are %j when the latest are %j, and the news is %j', (shown, latest, news) => {
    expect(keep(shown, latest)).toEqual([shown, news]);
  });

  it('have their latest data; a row that is no longer listed keeps what it had', () => {
    const shown = [
      { id: 'a', state: 'PENDING' },
      { id: 'b', state: 'PENDING' },
    ];
    const { items } = keepPlaces(shown, [{ id: 'b', state: 'SUCCESS' }], ({ id }) => id);
    expect(items).toEqual([
      { id: 'a', state: 'PENDING' },
      { id: 'b', state: 'SUCCESS' },
    ]);
  });
});
