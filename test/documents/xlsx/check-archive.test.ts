import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/documents/xlsx/archive.ts';
import { checkArchive } from '../../../src/documents/xlsx/check-archive.ts';

const entry = (name: string, packedBytes = 2, bytes = 2): Entry => ({
  ...{ name, packedBytes, bytes, offset: 0, method: 8, crc: 0 },
});
/** The entries that make a ZIP archive a workbook. */
const frame = [entry('[Content_Types].xml'), entry('xl/workbook.xml')];
const tooLarge = expect.objectContaining({ code: 'document_too_large' });

describe('the list of contents of a workbook', () => {
  it('that is honest passes, with 25 MB of shared texts', () => {
    expect(() => checkArchive([...frame, entry('xl/sharedStrings.xml', 4_000_000, 25_000_000)])).not.toThrow();
  });

  it.each([
    [entry('xl/worksheets/sheet1.xml', 1_000, 4_000_000_000)],
    [entry('xl/worksheets/sheet1.xml', 1_000, 50_000_000)],
    [entry('xl/sharedStrings.xml', 10_000_000, 31_000_000)],
    [entry('xl/styles.xml', 1_000_000, 11_000_000)],
  ])('that is a ZIP bomb is refused: %j', (bomb) => {
    expect(() => checkArchive([...frame, bomb])).toThrow(tooLarge);
  });

  it('whose entries are too large together is refused', () => {
    const parts = [1, 2, 3].map((index) => entry(`xl/worksheets/sheet${index}.xml`, 500_000, 50_000_000));

    expect(() => checkArchive([...frame, ...parts])).toThrow(tooLarge);
  });

  it.each([
    ['word/document.xml', 'it is a Word document.'],
    ['ppt/presentation.xml', 'it is a PowerPoint presentation.'],
    ['content.xml', 'it is an OpenDocument file.'],
    ['xl/workbook.bin', 'it is a binary workbook (XLSB). Save it as .xlsx.'],
    ['a.txt', 'not an XLSX workbook.'],
  ])('of another archive, with %s, is refused', (name, message) => {
    expect(() => checkArchive([entry(name)])).toThrow(message);
  });
});
