// The JPEG decoder that src/images/jpeg-decoder.ts runs, and the filter for its pixels. It takes no memory but what reset() and reserve() give, and it knows
// nothing of the structure of a file: the caller reads the headers and passes what they say.
import { reserveTables } from './huffman';
import { reserveInput } from './input';
import { reset } from './memory';

export { addRows, columnsAt, makeRow, WEIGHTS } from './filter';
export { buildTable, DEFINITION } from './huffman';
export { drawRow, outputHeight, outputWidth, setOutput } from './output';
export { setComponent, setPicture } from './picture';
export { rebuildRow } from './rebuild';
export { addMember, beginScan, readRow, readScan } from './scan';

/** Forgets the picture before. */
export function begin(): void {
  reset();
  reserveTables();
  reserveInput();
}
