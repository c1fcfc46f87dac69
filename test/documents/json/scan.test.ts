import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/documents/json/scan.ts';

describe('the scan of a JSON text', () => {
  it.each([
    ['1', 0],
    ['"[[["', 0],
    ['"\\"[["', 0],
    ['[]', 1],
    ['{"a": [{}]}', 3],
  ])('finds the depth of %s: %i', (text, depth) => {
    expect(scanJson(text)).toEqual({ depth });
  });

  it('refuses more than 500 levels', () => {
    expect(scanJson('['.repeat(500))).toEqual({ depth: 500 });
    expect(() => scanJson('['.repeat(501))).toThrow('nested deeper than 500 levels');
  });

  it('refuses more than a million values', () => {
    expect(() => scanJson(`[${'0,'.repeat(1_000_000)}0]`)).toThrow('more than 1000000 values');
  });
});
