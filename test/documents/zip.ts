// Makes ZIP archives whose list of contents may be false, and workbooks from the XML of their parts.
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  packed: Uint8Array;
  /** The unpacked size that the list of contents gives. */
  bytes: number;
  crc?: number;
}

/** A part that is honestly packed. */
export function packed(name: string, content: string | Uint8Array): ZipEntry {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, packed: deflateRawSync(bytes), bytes: bytes.length, crc: crc32(bytes) };
}

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

interface Parts {
  /** The content of `sheetData`. */
  rows: string;
  /** The content of `sst`. */
  strings?: string;
  /** The content of `styleSheet`. */
  styles?: string;
  workbookPr?: string;
}

/** A workbook of one sheet. `change` may replace or add parts. */
export function aWorkbook({ rows, strings, styles, workbookPr = '' }: Parts, change: Record<string, string> = {}) {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const relations = (content: string) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${content}</Relationships>`;
  const parts: Record<string, string> = {
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels': relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="${RELATIONS}">${workbookPr}<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      relation('rId1', 'worksheet', 'worksheets/sheet1.xml') +
        relation('rId2', 'sharedStrings', 'sharedStrings.xml') +
        relation('rId3', 'styles', 'styles.xml'),
    ),
    'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${rows}</sheetData></worksheet>`,
    ...(strings !== undefined && { 'xl/sharedStrings.xml': `<sst ${MAIN}>${strings}</sst>` }),
    ...(styles !== undefined && { 'xl/styles.xml': `<styleSheet ${MAIN}>${styles}</styleSheet>` }),
    ...change,
  };
  return aZip(Object.entries(parts).map(([name, content]) => packed(name, content)));
}

export function aZip(entries: ZipEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
  };
  const header = (size: number, fields: [offset: number, bytes: 2 | 4, value: number][]) => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [offset, bytes, value] of fields) {
      if (bytes === 2) view.setUint16(offset, value, true);
      else view.setUint32(offset, value, true);
    }
    return new Uint8Array(view.buffer);
  };
  const placed = entries.map((entry) => {
    const name = encoder.encode(entry.name);
    const at = length;
    add(
      header(30, [
        [0, 4, 0x04034b50],
        [8, 2, 8],
        [18, 4, entry.packed.length],
        [22, 4, entry.bytes],
        [26, 2, name.length],
      ]),
    );
    add(name);
    add(entry.packed);
    return { ...entry, name, at };
  });
  const directory = length;
  for (const { name, packed, bytes, at, crc = 0 } of placed) {
    add(
      header(46, [
        [0, 4, 0x02014b50],
        [10, 2, 8],
        [16, 4, crc],
        [20, 4, packed.length],
        [24, 4, bytes],
        [28, 2, name.length],
        [42, 4, at],
      ]),
    );
    add(name);
  }
  add(
    header(22, [
      [0, 4, 0x06054b50],
      [8, 2, entries.length],
      [10, 2, entries.length],
      [12, 4, length - directory],
      [16, 4, directory],
    ]),
  );
  const zip = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    zip.set(part, at);
    at += part.length;
  }
  return zip;
}
