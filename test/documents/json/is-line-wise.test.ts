import { describe, expect, it } from 'vitest';
import { isLineWise } from '../../../src/documents/json/is-line-wise.ts';

describe('isLineWise', () => {
  it.each([
    ['a record and a second line', '{"a":1}\nx', true],
    ['mostly records', 'x\n{"a":1}\n[2]\n', true],
    ['one record', '{"a":1}\n', false],
    ['one value over several lines', '[\n{"a":1},\n{"a":2}\n]', false],
    ['mostly other lines', 'x\ny\n{"a":1}\n', false],
    ['no lines', '', false],
  ])('of %s', (_, text, expected) => {
    expect(isLineWise(text)).toBe(expected);
  });

  it('is not decided by a text that is cut off after too few lines', () => {
    expect(isLineWise('{"a":"xxx', true)).toBeUndefined();
    expect(isLineWise('{"a":1}\n{"b"', true)).toBe(true);
    expect(isLineWise('x\n'.repeat(20), true)).toBe(false);
  });
});
