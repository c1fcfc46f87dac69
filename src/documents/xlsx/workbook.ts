// Reads what a workbook consists of: its sheets, and the parts that they share.
import { type Archive, damaged } from './archive.ts';
import { attributeOf, parseXml } from './parse-xml.ts';

export interface Sheet {
  name: string;
  hidden: boolean;
  /** The name of its part. */
  part: string;
}

export interface Workbook {
  /** The worksheets in their order. Sheets that are only a chart, a dialog or a macro have no cells and are left out. */
  sheets: Sheet[];
  /** True if days are counted from 1904 and not from 1900. */
  from1904: boolean;
  strings: string | undefined;
  styles: string | undefined;
}

interface Relation {
  id: string;
  /** The last part of its type, such as `worksheet`; the rest differs between editions of the standard. */
  type: string;
  part: string;
}

export async function readWorkbook(archive: Archive): Promise<Workbook> {
  const roots = await readRelations(archive, '');
  const part = roots.find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
  const relations = await readRelations(archive, part);
  const partOf = (id: string | undefined) =>
    relations.find((relation) => relation.id === id && relation.type === 'worksheet')?.part;
  const sheets: Sheet[] = [];
  let from1904 = false;
  await parseXml(required(archive, part), {
    open(name, attributes) {
      if (name === 'workbookPr') from1904 = /^(?:1|true|on)$/.test(attributes.date1904 ?? '');
      if (name !== 'sheet') return;
      const sheet = partOf(attributeOf(attributes, 'id'));
      const hidden = /hidden/i.test(attributes.state ?? '');
      if (sheet !== undefined) sheets.push({ name: attributes.name ?? '', hidden, part: sheet });
    },
  });
  const shared = (type: string) => relations.find((relation) => relation.type === type)?.part;
  return { sheets, from1904, strings: shared('sharedStrings'), styles: shared('styles') };
}

/** @throws DocumentError `invalid_xlsx` when the part is missing */
export function required(archive: Archive, part: string): ReadableStream<Uint8Array> {
  const stream = archive.open(part);
  if (!stream) throw damaged(`its part ${JSON.stringify(part.slice(0, 80))} is missing`);
  return stream;
}

/** The relations of a part; of the whole workbook when `part` is empty. */
async function readRelations(archive: Archive, part: string): Promise<Relation[]> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const stream = archive.open(`${folder}_rels/${part.slice(folder.length)}.rels`);
  const relations: Relation[] = [];
  if (!stream) return relations;
  await parseXml(stream, {
    open(name, { Id = '', Type = '', Target = '', TargetMode }) {
      if (name !== 'Relationship' || TargetMode === 'External') return;
      relations.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), part: resolve(folder, Target) });
    },
  });
  return relations;
}

/** Example: `xl/`, `../a/./b.xml` → `a/b.xml`. */
function resolve(folder: string, target: string): string {
  return decodeURI(new URL(target.replaceAll('\\', '/'), `file:///${folder}`).pathname).slice(1);
}
