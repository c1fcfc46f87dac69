import { expect, it } from 'vitest';
import { createTextReader, unescaped } from '../../../src/documents/xlsx/text-of.ts';

it('the text of a cell is that of its runs, without phonetic runs', () => {
  const reader = createTextReader();
  const element = (name: string, text: string) => {
    reader.open(name);
    reader.text(text);
    reader.close(name);
  };
  element('t', '東');
  element('t', '京');
  reader.open('rPh');
  element('t', 'トウキョウ');
  reader.close('rPh');
  element('t', '都');
  element('other', 'x');

  expect(reader.take()).toBe('東京都');
  expect(reader.take()).toBe('');
});

it('characters that XML does not allow are written as numbers', () => {
  expect(unescaped('a_x000D_b_x005F_x0041_c_x00g1_')).toBe('a\rb_x0041_c_x00g1_');
});
