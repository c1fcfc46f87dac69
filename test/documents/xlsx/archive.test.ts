import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../src/documents/xlsx/archive.ts';
import { aZip, packed, type ZipEntry } from '../zip.ts';

const textOf = (bytes: Uint8Array, name: string) => new Response(openArchive(bytes).open(name)).text();
const invalid = expect.objectContaining({ code: 'invalid_xlsx' });

/** The archive with its sizes and offsets in ZIP64 records, as some programs always write them. */
function inZip64(entry: ZipEntry): Uint8Array {
  const zip = aZip([entry]);
  const directory = new DataView(zip.buffer).getUint32(zip.length - 6, true);
  const name = new TextEncoder().encode(entry.name);
  const bytes = new Uint8Array(directory + 46 + name.length + 28 + 56 + 20 + 22);
  bytes.set(zip.subarray(0, directory + 46 + name.length));
  const view = new DataView(bytes.buffer);
  for (const field of [20, 24, 42]) view.setUint32(directory + field, 0xffffffff, true);
  view.setUint16(directory + 30, 28, true);
  const extra = directory + 46 + name.length;
  view.setUint16(extra, 1, true);
  view.setUint16(extra + 2, 24, true);
  view.setBigUint64(extra + 4, BigInt(entry.bytes), true);
  view.setBigUint64(extra + 12, BigInt(entry.packed.length), true);
  const end = extra + 28;
  view.setUint32(end, 0x06064b50, true);
  view.setBigUint64(end + 32, 1n, true);
  view.setBigUint64(end + 48, BigInt(directory), true);
  view.setUint32(end + 56, 0x07064b50, true);
  view.setBigUint64(end + 64, BigInt(end), true);
  view.setUint32(end + 76, 0x06054b50, true);
  view.setUint16(end + 86, 0xffff, true);
  view.setUint32(end + 92, 0xffffffff, true);
  return bytes;
}

describe('an archive', () => {
  it('gives its parts by name, whatever the case and the slashes', async () => {
    const zip = aZip([packed('xl\\Workbook.xml', 'text')]);

    expect(openArchive(zip).entries).toMatchObject([{ name: 'xl/Workbook.xml', bytes: 4 }]);
    expect(await textOf(zip, 'xl/workbook.xml')).toBe('text');
    expect(openArchive(zip).open('other.xml')).toBeUndefined();
  });

  it('of the form ZIP64 is read', async () => {
    expect(await textOf(inZip64(packed('a.xml', 'text')), 'a.xml')).toBe('text');
  });

  it('with a part that is not what its list of contents says is refused', async () => {
    const honest = packed('a.xml', 'text');

    for (const change of [{ bytes: 3 }, { bytes: 5 }, { crc: 1 }])
      await expect(textOf(aZip([{ ...honest, ...change }]), 'a.xml')).rejects.toThrow('"a.xml"');
  });

  it('that is cut off, or whose list of contents leads nowhere, is refused', () => {
    const zip = aZip([packed('a.xml', 'text')]);
    const elsewhere = zip.slice();
    new DataView(elsewhere.buffer).setUint32(zip.length - 6, zip.length, true);
    const moved = zip.slice();
    new DataView(moved.buffer).setUint32(new DataView(zip.buffer).getUint32(zip.length - 6, true) + 42, 9, true);

    for (const bytes of [zip.subarray(0, -10), elsewhere]) expect(() => openArchive(bytes)).toThrow(invalid);
    expect(() => openArchive(moved).open('a.xml')).toThrow(invalid);
  });

  it('of more than 2,000 entries is refused', () => {
    const many = Array.from({ length: 2_001 }, (_, index) => packed(String(index), ''));

    expect(() => openArchive(aZip(many))).toThrow(expect.objectContaining({ code: 'document_too_large' }));
  });
});
