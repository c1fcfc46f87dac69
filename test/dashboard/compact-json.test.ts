import { expect, it } from 'vitest';
import { compactJson } from '../../src/dashboard/compact-json.ts';

it('writes what fits on one line', () => {
  expect(compactJson({ a: [1, 'x'], b: {}, c: null })).toBe('{ "a": [1, "x"], "b": {}, "c": null }');
});

it('divides what is longer, and only that', () => {
  const long = 'x'.repeat(50);
  expect(compactJson({ list: [{ long }, { long }], short: [1] })).toBe(
    `{\n  "list": [\n    { "long": "${long}" },\n    { "long": "${long}" }\n  ],\n  "short": [1]\n}`,
  );
});

it('writes the JSON that JSON.stringify() writes, apart from blanks', () => {
  const value = { a: undefined, b: [undefined, { c: 'x'.repeat(80) }], d: true, 'e "f"': [[[]]] };
  expect(JSON.parse(compactJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
});
