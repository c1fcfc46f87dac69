import { expect, it } from 'vitest';
import { parseJson } from '../../src/dashboard/parse-json.ts';

it('keeps the digits of every number', () => {
  const text =
    '{"id":1970670598291982290,"list":[1.0e25,-0,0.10,1e400],"text":"1970670598291982290","no":null,"yes":true}';
  expect(JSON.stringify(parseJson(text))).toBe(text);
});

it('says where a text is not JSON', () => {
  expect(() => parseJson('{ "a": ')).toThrow(/^This is not valid JSON\. ./);
});
