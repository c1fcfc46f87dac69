// Keeps writing a long document from taking time with the square of its objects.
import { PDFCrossRefStream, type PDFRef } from '@cantoo/pdf-lib';

interface Entry {
  ref: PDFRef;
}

/**
 * Replaces the search of pdf-lib for the place of an entry in the list of objects. It looks at each entry from the start, although
 * nearly every entry belongs at the end.
 */
export function makeEntriesQuick(): void {
  Object.assign(PDFCrossRefStream.prototype, {
    appendEntry(this: { entries: Entry[] }, entry: Entry) {
      let at = this.entries.length;
      while (at > 0 && (this.entries[at - 1]?.ref.objectNumber ?? 0) > entry.ref.objectNumber) at--;
      this.entries.splice(at, 0, entry);
    },
  });
}
