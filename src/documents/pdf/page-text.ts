// Reads the text of the pages of a PDF.
import { DocumentError } from '../document-error.ts';
import { MAX_PDF_PAGE_PIECES, MAX_PDF_PIECES, MAX_PDF_TEXT_CHARACTERS } from '../limits.ts';
import type { ReadOptions } from '../source.ts';
import type { Pdf } from './facts.ts';
import { PieceJoiner } from './join-pieces.ts';
import type { Losses } from './losses.ts';

type Page = Awaited<ReturnType<Pdf['getPage']>>;
type TextContent = Awaited<ReturnType<Page['getTextContent']>>;

const PIECES_PER_TURN = 500;
/** Characters that are only in a font: control characters, private use, and the replacement character. */
const MEANINGLESS = /(?![\t\n\r])[\p{Cc}\p{Co}\ufffd]/gu;

/**
 * The text of each page. The text of a page that cannot be read is '', and the page is in `losses`.
 * @throws DocumentError `document_too_large`, or `invalid_pdf` if no page can be read
 */
export async function textOfPages(
  pdf: Pdf,
  losses: Losses,
  { onProgress, signal }: Pick<ReadOptions, 'onProgress' | 'signal'>,
): Promise<string[]> {
  const pages: string[] = [];
  const budget = { pieces: MAX_PDF_PIECES };
  let characters = 0;
  let fault: unknown;
  let unread = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    losses.page = number;
    let text = '';
    try {
      text = await textOf(pdf, number, budget, signal);
    } catch (error) {
      if (error instanceof DocumentError || signal?.aborted) throw error;
      losses.add(`The page could not be read: ${messageOf(error)}.`);
      fault = error;
      unread++;
    }
    const meaningless = text.match(MEANINGLESS)?.length ?? 0;
    if (meaningless > 0) losses.add(`${meaningless} characters have no meaning outside their font.`);
    characters += text.length;
    if (characters > MAX_PDF_TEXT_CHARACTERS) {
      const message = `The PDF has more than ${MAX_PDF_TEXT_CHARACTERS} characters of text.`;
      throw new DocumentError('document_too_large', message);
    }
    pages.push(text);
    onProgress?.(number, pdf.numPages);
    await scheduler.wait(0);
    signal?.throwIfAborted();
  }
  losses.page = null;
  if (unread === pdf.numPages)
    throw new DocumentError('invalid_pdf', `The PDF is damaged: ${messageOf(fault)}.`, { cause: fault });
  if (characters === 0 && losses.pagesAreMissing)
    throw new DocumentError('invalid_pdf', 'The PDF is damaged: no page can be found in it.');
  return pages;
}

/** Reads a page piece by piece. PDF.js waits until each piece is taken, so reading an endless page can be stopped. */
async function textOf(pdf: Pdf, number: number, budget: { pieces: number }, signal?: AbortSignal): Promise<string> {
  const page = await pdf.getPage(number);
  const reader = (page.streamTextContent() as ReadableStream<TextContent>).getReader();
  const joiner = new PieceJoiner();
  let pieces = 0;
  let pausedAt = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joiner.text();
      for (const item of value.items) if ('str' in item) joiner.add(item);
      pieces += value.items.length;
      budget.pieces -= value.items.length;
      if (pieces > MAX_PDF_PAGE_PIECES || budget.pieces < 0) {
        const message = `Page ${number} of the PDF has too many pieces of text to be read.`;
        throw new DocumentError('document_too_large', message);
      }
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

/** The message of an error without its full stop. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300).replace(/\.$/, '');
}
