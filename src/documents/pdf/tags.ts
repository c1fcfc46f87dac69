// The tags of a PDF: the tree that says what is a heading, a paragraph, a table or a picture, for readers that speak a document or
// lay it out anew (ISO 32000-1, 14.7 and 14.8).
import { type PDFDocument, PDFName, PDFObject, type PDFPage, type PDFRef } from '@cantoo/pdf-lib';

export interface TagElement {
  readonly type: string;
  readonly ref: PDFRef;
  /** Adds an element below this one, after all that is there. `attributes`: further entries of its dictionary. */
  add(type: string, attributes?: string): TagElement;
  /** Says that this element has the next content of a page, and returns its number there. */
  mark(page: PDFPage): number;
  /** Adds an annotation of a page. */
  annotate(page: PDFPage, annotation: PDFRef): void;
  /** Writes the element. Nothing may be added to it afterwards. */
  done(): void;
}

export interface Tags {
  /** The element that contains all others. */
  readonly root: TagElement;
  /** The number under which an annotation finds its element. */
  keyOf(element: TagElement): number;
  /** Writes which elements the contents of a page belong to. */
  closePage(page: PDFPage): void;
  /** Writes the tree. The root must be done. */
  finish(): void;
}

export function createTags(doc: PDFDocument): Tags {
  const { context } = doc;
  const tree = context.nextRef();
  /** By the key of a page or of an annotation. */
  const parents: string[] = [];
  const open = new Map<PDFPage, { key: number; owners: PDFRef[] }>();
  const write = (text: string, ref = context.nextRef()) => {
    context.assign(ref, new Written(text));
    return ref;
  };
  const marksOf = (page: PDFPage) => {
    const marks = open.get(page) ?? { key: parents.push('') - 1, owners: [] };
    open.set(page, marks);
    return marks;
  };

  function element(type: string, parent: PDFRef, attributes: string): TagElement {
    const ref = context.nextRef();
    const kids: string[] = [];
    let home: PDFRef | undefined;
    return {
      type,
      ref,
      add(childType, childAttributes = '') {
        const child = element(childType, ref, childAttributes);
        kids.push(`${child.ref}`);
        return child;
      },
      mark(page) {
        const { owners } = marksOf(page);
        const number = owners.push(ref) - 1;
        home ??= page.ref;
        kids.push(page.ref === home ? `${number}` : `<</Type/MCR/Pg ${page.ref}/MCID ${number}>>`);
        return number;
      },
      annotate(page, annotation) {
        kids.push(`<</Type/OBJR/Pg ${page.ref}/Obj ${annotation}>>`);
      },
      done() {
        const page = home ? `/Pg ${home}` : '';
        const list = kids.length === 1 ? ` ${kids[0]}` : `[${kids.join(' ')}]`;
        write(`<</S/${type}/P ${parent}${page}${attributes}${kids.length > 0 ? `/K${list}` : ''}>>`, ref);
      },
    };
  }

  const root = element('Document', tree, '');
  return {
    root,
    keyOf: ({ ref }) => parents.push(`${ref}`) - 1,
    closePage(page) {
      const marks = open.get(page);
      if (!marks) return;
      open.delete(page);
      parents[marks.key] = `${write(`[${marks.owners.join(' ')}]`)}`;
      page.node.set(PDFName.of('StructParents'), context.obj(marks.key));
    },
    finish() {
      const numbers = write(`<</Nums[${parents.map((parent, key) => `${key} ${parent}`).join(' ')}]>>`);
      const next = `/ParentTreeNextKey ${parents.length}`;
      write(`<</Type/StructTreeRoot/K ${root.ref}/ParentTree ${numbers}${next}>>`, tree);
      doc.catalog.set(PDFName.of('StructTreeRoot'), tree);
      doc.catalog.set(PDFName.of('MarkInfo'), context.obj({ Marked: true }));
    },
  };
}

/** An object that is given as its text. A long table has too many elements for a dictionary each. */
class Written extends PDFObject {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override sizeInBytes(): number {
    return this.text.length;
  }

  override copyBytesInto(buffer: Uint8Array, offset: number): number {
    for (let at = 0; at < this.text.length; at++) buffer[offset + at] = this.text.charCodeAt(at);
    return this.text.length;
  }

  override toString(): string {
    return this.text;
  }
}
