// Writes documents for tests, and reads back what was written.
import { DocumentModel, type DocumentReport, readDocument, writePdf } from '../../../src/documents/index.ts';
import { OPTIONS, sourceOf } from '../source.ts';
import { asset } from './cases.ts';

export type Model = Record<string, unknown> & { blocks: object[] };

export const noPictures = () => Promise.reject(new Error('there are no pictures'));

export async function write(model: Model, loadPicture: Parameters<typeof writePdf>[1]['loadPicture'] = noPictures) {
  return writePdf(DocumentModel().parse(model), { asset, loadPicture });
}

/** Writes a document, and reads its facts and the texts of its pages. */
export async function roundTrip(model: Model) {
  const written = await write(model);
  const read: DocumentReport = await readDocument(sourceOf(written.bytes), OPTIONS);
  if (read.kind !== 'pdf') throw new Error(`a ${read.kind}`);
  const missingCharacters = written.undrawn.reduce((sum, { count }) => sum + count, 0);
  return { ...written, missingCharacters, ...read.facts, texts: read.content.pages };
}

/** The bytes of a font of the documents. */
export async function fontNamed(name: string): Promise<Uint8Array> {
  const bytes = await asset(`fonts/${name}.ttf`);
  if (!bytes) throw new Error(`there is no font ${name}`);
  return bytes;
}
