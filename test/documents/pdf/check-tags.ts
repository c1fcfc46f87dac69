// Checks the tags of a PDF as a validator of PDF/UA does, with pdf-lib as the reader: everything drawn is marked, and every mark
// is in the tree, in the right place of it.
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  PDFRawStream,
  PDFRef,
} from '@cantoo/pdf-lib';
import { unpacked } from './unpacked.ts';

/** An element of the tree, with what belongs to it. */
export interface Node {
  type: string;
  children: Node[];
  /** `page index:number` of each content. */
  marks: string[];
  links: string[];
  alt: string | undefined;
  dict: PDFDict;
}

export interface Checked {
  root: Node;
  /** All faults; empty when there is none. */
  faults: string[];
  doc: PDFDocument;
}

const name = (text: string) => PDFName.of(text);
const NESTING: Record<string, RegExp> = {
  L: /^LI$/,
  LI: /^(Lbl|LBody)$/,
  Table: /^TR$/,
  TR: /^(TH|TD)$/,
};

export async function checkTags(bytes: Uint8Array): Promise<Checked> {
  const doc = await PDFDocument.load(bytes);
  const { context, catalog } = doc;
  const faults: string[] = [];
  const pages = doc.getPages();
  const pageIndex = new Map(pages.map((page, index) => [`${page.ref}`, index]));
  const tree = catalog.lookup(name('StructTreeRoot'), PDFDict);
  /** By `page:number`: the reference of the element. */
  const seen = new Map<string, string>();
  const annotations = new Map<string, string>();

  const read = (ref: PDFRef, parent: PDFRef | undefined): Node => {
    const dict = context.lookup(ref, PDFDict);
    const type = dict.lookup(name('S'), PDFName).decodeText();
    if (`${dict.get(name('P'))}` !== `${parent}`) faults.push(`${type} ${ref} has another parent`);
    const home = dict.get(name('Pg'));
    const node: Node = { type, children: [], marks: [], links: [], alt: undefined, dict };
    const alt = dict.lookup(name('Alt'));
    if (alt instanceof PDFHexString) node.alt = alt.decodeText();
    const kids = dict.lookup(name('K'));
    const list = kids instanceof PDFArray ? kids.asArray() : kids === undefined ? [] : [dict.get(name('K'))];
    const take = (page: unknown, number: number) => {
      const key = `${pageIndex.get(`${page}`)}:${number}`;
      if (seen.has(key)) faults.push(`${key} is in two elements`);
      seen.set(key, `${ref}`);
      node.marks.push(key);
    };
    for (const kid of list) {
      if (kid instanceof PDFNumber) take(home, kid.asNumber());
      else if (kid instanceof PDFRef) node.children.push(read(kid, ref));
      else if (kid instanceof PDFDict && kid.lookup(name('Type')) === name('MCR'))
        take(kid.get(name('Pg')), kid.lookup(name('MCID'), PDFNumber).asNumber());
      else if (kid instanceof PDFDict) {
        annotations.set(`${kid.get(name('Obj'))}`, `${ref}`);
        const action = context.lookup(kid.get(name('Obj')), PDFDict).lookup(name('A'), PDFDict);
        node.links.push((action.lookup(name('URI')) as PDFHexString).decodeText());
      }
    }
    return node;
  };
  const root = read(tree.get(name('K')) as PDFRef, catalog.get(name('StructTreeRoot')) as PDFRef);

  const parents = tree.lookup(name('ParentTree'), PDFDict).lookup(name('Nums'), PDFArray);
  const parentOf = new Map<number, unknown>();
  for (let at = 0; at < parents.size(); at += 2) {
    const key = parents.lookup(at, PDFNumber).asNumber();
    if (key !== at / 2) faults.push(`the parent tree has ${key} at ${at / 2}`);
    parentOf.set(key, parents.get(at + 1));
  }
  for (const [index, page] of pages.entries()) {
    const { node } = page;
    if (node.lookup(name('Tabs')) !== name('S')) faults.push(`page ${index} has another order of tabs`);
    const drawn = await marksOf(context, node.lookup(name('Contents'), PDFArray), faults, index);
    const key = node.lookup(name('StructParents'));
    const owners =
      key instanceof PDFNumber ? context.lookup(parentOf.get(key.asNumber()) as PDFRef, PDFArray) : undefined;
    if ((owners?.size() ?? 0) !== drawn.size)
      faults.push(`page ${index}: ${owners?.size()} owners of ${drawn.size} contents`);
    for (const [number, type] of drawn) {
      const owner = `${owners?.get(number)}`;
      if (seen.get(`${index}:${number}`) !== owner) faults.push(`page ${index}: ${number} belongs to ${owner}`);
      seen.delete(`${index}:${number}`);
      const is = context
        .lookup(owners?.get(number) as PDFRef, PDFDict)
        .lookup(name('S'), PDFName)
        .decodeText();
      if (is !== type) faults.push(`page ${index}: ${number} is drawn as ${type}, and is ${is}`);
    }
    for (const annotation of node.Annots()?.asArray() ?? []) {
      const dict = context.lookup(annotation, PDFDict);
      const owner = parentOf.get(dict.lookup(name('StructParent'), PDFNumber).asNumber());
      if (`${owner}` !== annotations.get(`${annotation}`))
        faults.push(`the annotation ${annotation} belongs to ${owner}`);
      if (!dict.has(name('Contents'))) faults.push(`the annotation ${annotation} has no text`);
    }
  }
  for (const key of seen.keys()) faults.push(`${key} is in the tree and not drawn`);
  checkShape(root, faults);
  if (`${catalog.lookup(name('MarkInfo'))}`.replace(/\s/g, '') !== '<</Markedtrue>>') faults.push('it is not marked');
  if (doc.getTitle() === undefined) faults.push('it has no title');
  if (!`${catalog.lookup(name('ViewerPreferences'))}`.includes('/DisplayDocTitle true'))
    faults.push('it hides its title');
  if (!(catalog.lookup(name('Metadata')) instanceof PDFRawStream)) faults.push('it has no metadata');
  return { root, faults, doc };
}

/** The numbers of the marked contents of a page, with their types. What is drawn outside of all marks is a fault. */
async function marksOf(context: PDFDocument['context'], contents: PDFArray, faults: string[], page: number) {
  const drawn = new Map<number, string>();
  for (const ref of contents.asArray()) {
    const text = await unpacked(context.lookup(ref) as PDFRawStream);
    let depth = 0;
    for (const [token, type, number] of text.matchAll(
      /\/(\w+) <<\/MCID (\d+)>> BDC|\/\w+ (?:<<[^\n]*?>> BDC|BMC)|\bEMC\b|(?<=\s)(?:Tj|TJ|Do|S|f)(?=\s|$)/g,
    )) {
      if (token === 'EMC') depth--;
      else if (/B[DM]C$/.test(token)) depth++;
      else if (depth < 1) faults.push(`page ${page}: ${token} is not marked`);
      if (number !== undefined) {
        if (depth !== 1) faults.push(`page ${page}: ${number} is in other content`);
        if (drawn.has(Number(number))) faults.push(`page ${page}: ${number} is there twice`);
        drawn.set(Number(number), type ?? '');
      }
    }
    if (depth !== 0) faults.push(`page ${page}: marks are not closed`);
  }
  return drawn;
}

function checkShape(root: Node, faults: string[]): void {
  let level = 0;
  const walk = (node: Node) => {
    const { type, children } = node;
    const allowed = NESTING[type];
    for (const child of children) if (allowed && !allowed.test(child.type)) faults.push(`${child.type} in ${type}`);
    if (type === 'Figure' && !node.alt) faults.push('a figure has no text');
    if (type === 'Figure' && node.marks.length !== 1) faults.push('a figure has no picture');
    if (type === 'Link' && node.links.length === 0) faults.push('a link leads nowhere');
    if (type === 'TH' && !`${node.dict.lookup(name('A'))}`.includes('/Scope /Column'))
      faults.push('a header has no scope');
    if (type === 'Table' && new Set(children.map(widthOf)).size > 1) faults.push('rows differ');
    const heading = /^H(\d)$/.exec(type)?.[1];
    if (heading) {
      if (Number(heading) > level + 1) faults.push(`H${heading} follows H${level}`);
      level = Number(heading);
    }
    children.forEach(walk);
  };
  walk(root);
}

/** The number of columns of a row. */
function widthOf(row: Node): number {
  return row.children.reduce(
    (sum, { dict }) => sum + Number(/ColSpan (\d+)/.exec(`${dict.lookup(name('A'))}`)?.[1] ?? 1),
    0,
  );
}

/** The types of the tree, one a line, indented. */
export function outlineOf({ type, children }: Node, depth = 0): string {
  return ['  '.repeat(depth) + type, ...children.map((child) => outlineOf(child, depth + 1))].join('\n');
}
