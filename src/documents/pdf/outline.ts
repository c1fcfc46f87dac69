// Writes the outline of a document: its headings, nested by level, for the side bar of a PDF reader.
import { type PDFDocument, PDFHexString, PDFName, PDFNumber, type PDFRef } from '@cantoo/pdf-lib';
import type { Entry } from './text-blocks.ts';

interface OutlineNode {
  entry: Entry;
  children: OutlineNode[];
}

/** Adds the outline to the document; without entries it adds nothing. */
export function addOutline(doc: PDFDocument, entries: Entry[]): void {
  if (entries.length === 0) return;
  const root = doc.context.nextRef();
  const links = addChildren(doc, root, nest(entries));
  doc.context.assign(root, doc.context.obj({ Type: 'Outlines', ...links }));
  doc.catalog.set(PDFName.of('Outlines'), root);
  doc.catalog.set(PDFName.of('PageMode'), PDFName.of('UseOutlines'));
}

/** Puts each heading below the nearest earlier heading of a higher rank. */
function nest(entries: Entry[]): OutlineNode[] {
  const top: OutlineNode[] = [];
  const path: OutlineNode[] = [];
  for (const entry of entries) {
    while ((path.at(-1)?.entry.level ?? -1) >= entry.level) path.pop();
    const node = { entry, children: [] };
    (path.at(-1)?.children ?? top).push(node);
    path.push(node);
  }
  return top;
}

/** Writes the nodes and everything below them. Returns the fields that their parent needs. */
function addChildren(doc: PDFDocument, parent: PDFRef, nodes: OutlineNode[]): Record<string, PDFRef | PDFNumber> {
  const refs = nodes.map(() => doc.context.nextRef());
  let count = nodes.length;
  for (const [index, { entry, children }] of nodes.entries()) {
    const ref = refs[index] as PDFRef;
    const below = addChildren(doc, ref, children);
    if (below.Count instanceof PDFNumber) count += below.Count.asNumber();
    const [previous, next] = [refs[index - 1], refs[index + 1]];
    const item = doc.context.obj({
      Title: PDFHexString.fromText(entry.text),
      Parent: parent,
      Dest: [entry.page.ref, 'XYZ', null, PDFNumber.of(Math.round(entry.y)), null],
      ...(previous && { Prev: previous }),
      ...(next && { Next: next }),
      ...below,
    });
    doc.context.assign(ref, item);
  }
  const [first, last] = [refs[0], refs.at(-1)];
  return first && last ? { First: first, Last: last, Count: PDFNumber.of(count) } : {};
}
