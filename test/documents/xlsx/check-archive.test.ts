import { describe, expect, it } from 'vitest';
import { checkArchive } from '../../../src/documents/xlsx/check-archive.ts';
import { aZip, type ZipEntry } from '../zip.ts';

/** The entries that make a ZIP archive a workbook. */
const frame: ZipEntry[] = [
  { name: '[Content_Types].xml', packed: new Uint8Array(2), bytes: 2 },
  { name: 'xl/workbook.xml', packed: new Uint8Array(2), bytes: 2 },
];
const tooLarge = expect.objectContaining({ code: 'document_too_large' });

describe('the list of contents of a workbook', () => {
  it('that is honest passes', () => {
    expect(() => checkArchive(aZip(frame))).not.toThrow();
  });

  it('that is a ZIP bomb is refused', () => {
    const bomb = (entry: Partial<ZipEntry>) =>
      aZip([...frame, { name: 'xl/worksheets/sheet1.xml', packed: new Uint8Array(1_000), bytes: 0, ...entry }]);

    for (const entry of [
      { bytes: 4_000_000_000 },
      { bytes: 50_000_000 },
      { bytes: 0 },
      { name: 'xl/sharedStrings.xml', packed: new Uint8Array(1_000_000), bytes: 10_000_000 },
    ]) {
      expect(() => checkArchive(bomb(entry)), JSON.stringify(entry.bytes)).toThrow(tooLarge);
    }
    const many = Array.from({ length: 2_001 }, (_, index) => ({
      name: `${index}`,
      packed: new Uint8Array(),
      bytes: 0,
    }));
    expect(() => checkArchive(aZip([...frame, ...many]))).toThrow(tooLarge);
    const parts = Array.from({ length: 3 }, (_, index) => ({
      ...{ name: `xl/worksheets/sheet${index}.xml`, packed: new Uint8Array(500_000), bytes: 50_000_000 },
    }));
    expect(() => checkArchive(aZip([...frame, ...parts]))).toThrow(tooLarge);
  });

  it('that is cut off or of the form ZIP64 is refused', () => {
    const zip = aZip(frame);
    const large = zip.slice();
    new DataView(large.buffer).setUint16(large.length - 12, 0xffff, true);

    expect(() => checkArchive(zip.subarray(0, -10))).toThrow(expect.objectContaining({ code: 'invalid_xlsx' }));
    expect(() => checkArchive(large)).toThrow('ZIP64');
  });

  it.each([
    ['word/document.xml', 'it is a Word document.'],
    ['ppt/presentation.xml', 'it is a PowerPoint presentation.'],
    ['content.xml', 'it is an OpenDocument file.'],
    ['a.txt', 'not an XLSX workbook.'],
    ['EncryptedPackage', 'not an XLSX workbook.'],
  ])('of another archive, with %s, is refused', (name, message) => {
    const entry = { name, packed: new Uint8Array(2), bytes: 2 };

    expect(() => checkArchive(aZip([entry]))).toThrow(message);
  });
});
