// Reads the text, the outline and the properties of a PDF with PDF.js.
import { getDocumentProxy } from 'unpdf';
import { DocumentError } from '../document-error.ts';
import {
  MAX_OUTLINE_ENTRIES,
  MAX_PDF_BYTES,
  MAX_PDF_PAGE_PIECES,
  MAX_PDF_PAGES,
  MAX_PDF_PIECES,
  MAX_PDF_TEXT_CHARACTERS,
} from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import { checkStreams } from './check-streams.ts';

export interface OutlineEntry {
  title: string;
  /** 1 for the top level. */
  level: number;
}

export interface PdfFacts {
  pages: number;
  /** The number of characters on all pages together. */
  characters: number;
  title: string | null;
  author: string | null;
  subject: string | null;
  language: string | null;
  producer: string | null;
  /** ISO 8601. */
  created_at: string | null;
  modified_at: string | null;
  encrypted: boolean;
  outline: OutlineEntry[];
}

export interface PdfReport {
  facts: PdfFacts;
  content: {
    /** The text of each page. */
    pages: string[];
  };
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type TextContent = Awaited<ReturnType<Awaited<ReturnType<Pdf['getPage']>>['getTextContent']>>;

/** The end marker is in the last 1,024 bytes (ISO 32000-1, annex H.3.4.4); some programs add more bytes after it. */
const TAIL_BYTES = 4_096;
const MAX_LEVEL = 10;
const PIECES_PER_TURN = 500;
/** The code of PDF.js's PasswordException for a wrong password; 1 means that the password is missing. */
const INCORRECT_PASSWORD = 2;

/** @throws DocumentError `encrypted_pdf`, `wrong_password`, `invalid_pdf`, `document_too_large` */
export async function readPdf(source: Source, options: ReadOptions): Promise<PdfReport> {
  const bytes = await readWhole(source, MAX_PDF_BYTES, 'A PDF');
  if (!new TextDecoder('latin1').decode(bytes.subarray(-TAIL_BYTES)).includes('%%EOF'))
    throw new DocumentError(
      'invalid_pdf',
      'The PDF is cut off: it does not end with %%EOF. Upload the whole file again.',
    );
  await checkStreams(bytes, options.signal);
  const pdf = await open(bytes, options.password);
  try {
    return await read(pdf, options);
  } catch (error) {
    if (error instanceof DocumentError || options.signal?.aborted) throw error;
    throw damaged(error);
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function open(bytes: Uint8Array, password: string | undefined): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      verbosity: 0,
      stopAtErrors: true,
      disableFontFace: true,
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

async function read(pdf: Pdf, { onProgress, signal }: ReadOptions): Promise<PdfReport> {
  if (pdf.numPages > MAX_PDF_PAGES)
    throw new DocumentError(
      'document_too_large',
      `A PDF may have ${MAX_PDF_PAGES} pages; this one has ${pdf.numPages} pages.`,
    );
  if (pdf.numPages < 1) throw new DocumentError('invalid_pdf', `The PDF says that it has ${pdf.numPages} pages.`);
  const pages: string[] = [];
  const budget = { pieces: MAX_PDF_PIECES };
  let characters = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    const text = await textOf(pdf, number, budget, signal);
    characters += text.length;
    if (characters > MAX_PDF_TEXT_CHARACTERS)
      throw new DocumentError(
        'document_too_large',
        `The PDF has more than ${MAX_PDF_TEXT_CHARACTERS} characters of text.`,
      );
    pages.push(text);
    onProgress?.(number, pdf.numPages);
    await scheduler.wait(0);
    signal?.throwIfAborted();
  }
  const { info, metadata } = await pdf.getMetadata();
  const about = info as Record<string, unknown>;
  const facts = {
    pages: pdf.numPages,
    characters,
    title: textOrNull(about.Title),
    author: textOrNull(about.Author),
    subject: textOrNull(about.Subject),
    language: textOrNull(about.Language ?? metadata?.get('dc:language')),
    producer: textOrNull(about.Producer),
    created_at: dateOf(about.CreationDate),
    modified_at: dateOf(about.ModDate),
    encrypted: textOrNull(about.EncryptFilterName) !== null,
    outline: flatten((await pdf.getOutline()) ?? []),
  };
  return { facts, content: { pages } };
}

/** Reads a page piece by piece. PDF.js waits until each piece is taken, so reading an endless page can be stopped. */
async function textOf(pdf: Pdf, number: number, budget: { pieces: number }, signal?: AbortSignal): Promise<string> {
  const page = await pdf.getPage(number);
  const reader = (page.streamTextContent() as ReadableStream<TextContent>).getReader();
  const parts: string[] = [];
  let pieces = 0;
  let pausedAt = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return parts.join('').replaceAll('\0', '');
      for (const item of value.items) {
        if ('str' in item) parts.push(item.hasEOL ? `${item.str}\n` : item.str);
      }
      pieces += value.items.length;
      budget.pieces -= value.items.length;
      if (pieces > MAX_PDF_PAGE_PIECES || budget.pieces < 0)
        throw new DocumentError(
          'document_too_large',
          `Page ${number} of the PDF has too many pieces of text to be read.`,
        );
      if (pieces - pausedAt < PIECES_PER_TURN) continue;
      pausedAt = pieces;
      // PDF.js works in this thread. Without a pause, the lease of the task could not be renewed.
      await scheduler.wait(0);
      signal?.throwIfAborted();
    }
  } catch (error) {
    await reader.cancel(new Error('Reading the page was stopped.')).catch(() => {});
    throw error;
  } finally {
    page.cleanup();
  }
}

function flatten(items: Awaited<ReturnType<Pdf['getOutline']>>, level = 1, into: OutlineEntry[] = []): OutlineEntry[] {
  for (const { title, items: below } of items) {
    if (into.length >= MAX_OUTLINE_ENTRIES) break;
    into.push({ title: title.slice(0, 500), level });
    if (level < MAX_LEVEL) flatten(below, level + 1, into);
  }
  return into;
}

/** Converts `D:20261124093000+01'00'` (ISO 32000-1, 7.9.4) to ISO 8601 in UTC; null when it is not a date. */
function dateOf(value: unknown): string | null {
  const parts =
    typeof value === 'string' &&
    /^(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-]\d\d)'?(\d\d)?)?/.exec(value);
  if (!parts) return null;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', zone, minutes = '00'] = parts;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone ? `${zone}:${minutes}` : 'Z'}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 2_000) : null;
}

function damaged(error: unknown): DocumentError {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300).replace(/\.$/, '');
  return new DocumentError('invalid_pdf', `The PDF is damaged: ${reason}.`, { cause: error });
}
