import { expect, it } from 'vitest';
import { readStyles } from '../../../src/documents/xlsx/styles.ts';
import { sourceOf } from '../source.ts';

it('the formats of cells are numbered, and those of named styles are not', async () => {
  const xml = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
    <cellXfs><xf/><xf numFmtId="20"/><xf numFmtId="164"/><xf numFmtId="14"><alignment/></xf></cellXfs>
    <dxfs><dxf><numFmt numFmtId="165" formatCode="0"/></dxf></dxfs></styleSheet>`;

  expect(await readStyles(await sourceOf(xml).open())).toEqual(['number', 'time', 'duration', 'date']);
});
