import { describe, expect, it } from 'vitest';
import { NotJson, toJson } from '../../src/engine/to-json.ts';

const refusal = (value: unknown) => {
  try {
    return toJson(value, 'input');
  } catch (error) {
    return (error as NotJson).issue;
  }
};

describe('the JSON text of a value', () => {
  it('is what JSON.stringify writes, and null for nothing', () => {
    expect(toJson({ a: [1, undefined], b: undefined }, 'input')).toBe('{"a":[1,null]}');
    expect(toJson(undefined, 'result')).toBe('null');
  });

  it('cannot have a BigInt, and the refusal names its path', () => {
    const message = 'is a BigInt, which JSON does not have; pass it as text';
    expect(refusal({ order: { lines: [{ id: 1 }, { id: 1970670598291982290n }] } })).toEqual({
      path: 'input.order.lines.1.id',
      message,
    });
    expect(refusal(1n)).toEqual({ path: 'input', message });
    expect(() => toJson({ id: 1n }, 'result')).toThrow(new NotJson({ path: 'result.id', message }, undefined));
  });

  it('cannot have a circle', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle.self = circle;
    expect(refusal(circle)).toMatchObject({
      path: 'input',
      message: expect.stringMatching(/^cannot be written as JSON: .*circular/),
    });
    expect(refusal({ ...circle, id: 1n })).toMatchObject({ path: expect.stringMatching(/^input/) });
  });
});
