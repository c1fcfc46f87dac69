import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdPager, createPager } from '../../src/http/page.ts';

const numbers = createPager('numbers');
const invalid = expect.objectContaining({
  code: 'invalid_cursor',
  issues: [{ path: 'cursor', message: expect.any(String) }],
});
const catchError = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('a cursor', () => {
  it('gives back any position, and needs no escaping in an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (position) => {
        const cursor = numbers.write(position);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(numbers.read(cursor)).toBe(position);
      }),
    );
  });

  it('is left out for the first page', () => {
    expect(numbers.read(undefined)).toBeUndefined();
  });

  it.each(['', 'next', '%', 'é', '7', crypto.randomUUID(), btoa('numbers'), btoa('\xff\xfe')])(
    'that this list did not make is refused: "%s"',
    (cursor) => {
      expect(catchError(() => numbers.read(cursor))).toEqual(invalid);
    },
  );

  it('of another list is refused', () => {
    expect(catchError(() => numbers.read(createPager('names').write('7')))).toEqual(invalid);
  });

  it('with a position that this list cannot have is refused', () => {
    const ids = createIdPager('ids');
    const id = crypto.randomUUID();

    expect(ids.read(ids.write(id))).toBe(id);
    expect(catchError(() => ids.read(ids.write('7')))).toEqual(invalid);
  });
});

describe('a page', () => {
  const page = (rows: number[], limit: number) => numbers.page(rows, limit, String);

  it('has at most `limit` rows, and a cursor after the last of them if there are more', () => {
    expect(page([1, 2, 3], 2)).toEqual({ rows: [1, 2], next_cursor: numbers.write('2') });
  });

  it('has no cursor if it is the last', () => {
    expect(page([1, 2], 2)).toEqual({ rows: [1, 2], next_cursor: null });
    expect(page([], 2)).toEqual({ rows: [], next_cursor: null });
  });
});
