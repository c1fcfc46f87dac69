import { describe, expect, it } from 'vitest';
import { orient } from '../../src/images/orient.ts';
import type { Orientation } from '../../src/images/read-orientation.ts';

/** Pixels of 3×2 that hold the numbers 1 to 6, row by row. */
const stored = () => ({
  data: Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((n) => [n, n, n, 255])),
  ...{ width: 3, height: 2, colour: 'rgba' as const },
});

describe('orient', () => {
  it.each<[Orientation, number[][]]>([
    [
      1,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      2,
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      3,
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      4,
      [
        [4, 5, 6],
        [1, 2, 3],
      ],
    ],
    [
      5,
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      6,
      [
        [4, 1],
        [5, 2],
        [6, 3],
      ],
    ],
    [
      7,
      [
        [6, 3],
        [5, 2],
        [4, 1],
      ],
    ],
    [
      8,
      [
        [3, 6],
        [2, 5],
        [1, 4],
      ],
    ],
  ])('turns orientation %i upright', (orientation, rows) => {
    const { data, width, height } = orient(stored(), orientation);

    expect([width, height]).toEqual([rows[0]?.length, rows.length]);
    expect([...data].filter((_, at) => at % 4 === 0)).toEqual(rows.flat());
  });
});
