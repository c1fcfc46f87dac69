import { describe, expect, it } from 'vitest';
import { family, histogramSamples } from '../../src/http/exposition.ts';

describe('a family', () => {
  it('has its help, its type and a line for each sample', () => {
    expect(
      family('a_total', 'counter', 'All of a', [
        ['', { name: 'x' }, 1],
        ['', {}, 2],
      ]),
    ).toBe('# HELP a_total All of a\n# TYPE a_total counter\na_total{name="x"} 1\na_total 2\n');
  });

  it('is left out without samples', () => {
    expect(family('a', 'gauge', 'a', [])).toBe('');
  });

  it('adds up samples with the same labels, because Prometheus refuses two of them', () => {
    expect(
      family('a', 'gauge', 'a', [
        ['', { x: '\ud800' }, 1],
        ['', { x: '\udbff' }, 2],
      ]),
    ).toContain('a{x="\ufffd"} 3\n');
  });

  it('escapes what would end a label', () => {
    expect(family('a', 'gauge', 'a', [['', { x: 'q" b\\ n\n' }, 1]])).toContain('a{x="q\\" b\\\\ n\\n"} 1');
  });
});

describe('a histogram', () => {
  it('has buckets that grow, a sum and a count', () => {
    expect(histogramSamples({}, [1, 2, 3], [100, 1000], 9)).toEqual([
      ['_bucket', { le: '0.1' }, 1],
      ['_bucket', { le: '1' }, 3],
      ['_bucket', { le: '+Inf' }, 6],
      ['_sum', {}, 9],
      ['_count', {}, 6],
    ]);
  });

  it('estimates the sum from the middle of each bucket', () => {
    expect(histogramSamples({}, [2, 4], [100, 1000]).find(([suffix]) => suffix === '_sum')?.[2]).toBeCloseTo(2.3);
  });
});
