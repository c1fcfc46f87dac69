import { expect, it } from 'vitest';
import { readSharedStrings } from '../../../src/documents/xlsx/shared-strings.ts';
import { generated, refusal, sourceOf } from '../source.ts';

it('shared texts are read with their runs, without phonetic runs', async () => {
  const xml =
    '<sst><si><t>a</t></si><si/><si><r><t>b</t></r><r><t xml:space="preserve"> c</t></r><rPh><t>d</t></rPh></si></sst>';

  expect(await readSharedStrings(await sourceOf(xml).open())).toEqual(['a', '', 'b c']);
});

it('200,000 shared texts are read as a stream; more than a million are refused', async () => {
  const open = (chunks: number) =>
    generated(Number.MAX_SAFE_INTEGER, chunks + 1, (index) =>
      index === chunks ? '</sst>' : `${index ? '' : '<sst>'}${`<si><t>${index}</t></si>`.repeat(10_000)}`,
    ).source.open();

  expect(await readSharedStrings(await open(20))).toHaveLength(200_000);
  expect(await refusal(readSharedStrings(await open(101)))).toMatchObject({ code: 'document_too_large' });
});
