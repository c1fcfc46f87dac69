// Reads a PDF with PDF.js: its text, its properties, its outline, its form, its annotations and its attachments.
import { getDocumentProxy } from 'unpdf';
import { DocumentError } from '../document-error.ts';
import { MAX_PDF_ATTACHED_BYTES, MAX_PDF_BYTES, MAX_PDF_LISTED, MAX_PDF_PAGES, megabytes } from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import { type Attachment, attachmentsOf } from './attachments.ts';
import { characterMaps } from './character-maps.ts';
import { checkStreams, type StreamFacts } from './check-streams.ts';
import { type OutlineEntry, outlineOf, type Pdf, type Properties, propertiesOf } from './facts.ts';
import { endingOf, fromHeader } from './frame.ts';
import { type Annotation, type FormField, type Interactive, interactiveOf, type Link } from './interactive.ts';
import { type Loss, Losses } from './losses.ts';
import { messageOf, textOfPages } from './page-text.ts';

export interface PdfFacts extends Properties {
  pages: number;
  /** The number of characters on all pages together. */
  characters: number;
  outline: OutlineEntry[];
  /** What could not be read; empty when everything was. */
  losses: Loss[];
}

export interface PdfReport {
  facts: PdfFacts;
  content: {
    /** The text of each page. */
    pages: string[];
    fields: FormField[];
    annotations: Annotation[];
    links: Link[];
  };
  attachments: Attachment[];
}

/** The codes of PDF.js's levels of warnings: information about damaged streams is needed too. */
const INFOS = 5;
/** The code of PDF.js's PasswordException for a wrong password; 1 means that the password is missing. */
const INCORRECT_PASSWORD = 2;

/** @throws DocumentError `encrypted_pdf`, `wrong_password`, `invalid_pdf`, `unmeasurable_pdf`, `document_too_large` */
export async function readPdf(source: Source, options: ReadOptions): Promise<PdfReport> {
  const bytes = fromHeader(await readWhole(source, MAX_PDF_BYTES, 'A PDF'));
  const ending = endingOf(bytes);
  if (ending === 'cut')
    throw new DocumentError(
      'invalid_pdf',
      'The PDF is cut off: it ends within an object. Upload the whole file again.',
    );
  const streams = await checkStreams(bytes, options.signal);
  const losses = new Losses();
  if (ending === 'unmarked') losses.add('The PDF has no end mark, so its end may be missing.');
  return losses.collect(async () => {
    const pdf = await open(bytes, options);
    try {
      return await read(pdf, streams, losses, options);
    } catch (error) {
      if (error instanceof DocumentError || options.signal?.aborted) throw error;
      throw damaged(error);
    } finally {
      await pdf.loadingTask.destroy();
    }
  });
}

async function open(bytes: Uint8Array, { password, asset }: ReadOptions): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      verbosity: INFOS,
      disableFontFace: true,
      ...characterMaps(asset),
      ...(password !== undefined && { password }),
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PasswordException') throw damaged(error);
    if ((error as { code?: unknown }).code === INCORRECT_PASSWORD)
      throw new DocumentError('wrong_password', 'The password does not open the PDF.', { cause: error });
    throw new DocumentError('encrypted_pdf', 'The PDF is encrypted. Give its password as `password`.', {
      cause: error,
    });
  }
}

async function read(pdf: Pdf, streams: StreamFacts, losses: Losses, options: ReadOptions): Promise<PdfReport> {
  if (pdf.numPages > MAX_PDF_PAGES)
    throw new DocumentError(
      'document_too_large',
      `A PDF may have ${MAX_PDF_PAGES} pages; this one has ${pdf.numPages} pages.`,
    );
  if (pdf.numPages < 1) throw new DocumentError('invalid_pdf', `The PDF says that it has ${pdf.numPages} pages.`);
  const pages = await textOfPages(pdf, losses, options);
  const properties = await propertiesOf(pdf);
  const outline = await outlineOf(pdf, losses).catch((error: unknown) => {
    losses.add(`The outline could not be read: ${messageOf(error)}.`);
    return [];
  });
  const { files, attachments, ...interactive } = await beside(pdf, streams, losses, options);
  const characters = pages.reduce((sum, text) => sum + text.length, 0);
  const facts = { pages: pdf.numPages, characters, ...properties, outline, losses: losses.list() };
  return { facts, content: { pages, ...interactive }, attachments };
}

/** What a PDF has beside its text, unless it would not fit into the memory: PDF.js reads all of it at once. */
async function beside(
  pdf: Pdf,
  { attachedBytes, longestList }: StreamFacts,
  losses: Losses,
  { signal }: ReadOptions,
): Promise<Interactive & { attachments: Attachment[] }> {
  const nothing = { fields: [], annotations: [], links: [], files: [], attachments: [] };
  const what = 'its form, annotations, links and attachments were not read';
  const limit = megabytes(MAX_PDF_ATTACHED_BYTES);
  if (attachedBytes > MAX_PDF_ATTACHED_BYTES)
    losses.add(`The attachments of the PDF have more than ${limit}, so ${what}.`);
  else if (longestList > MAX_PDF_LISTED)
    losses.add(`A list in the PDF has more than ${MAX_PDF_LISTED} references, so ${what}.`);
  else
    try {
      const interactive = await interactiveOf(pdf, losses, signal);
      return { ...interactive, attachments: await attachmentsOf(pdf, interactive.files, losses) };
    } catch (error) {
      if (signal?.aborted) throw error;
      losses.add(`The form, annotations, links and attachments could not be read: ${messageOf(error)}.`);
    }
  return nothing;
}

function damaged(error: unknown): DocumentError {
  return new DocumentError('invalid_pdf', `The PDF is damaged: ${messageOf(error)}.`, { cause: error });
}
