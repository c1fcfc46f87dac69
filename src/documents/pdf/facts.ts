// The properties and the outline of a PDF.
import type { getDocumentProxy } from 'unpdf';
import { MAX_OUTLINE_ENTRIES } from '../limits.ts';
import type { Losses } from './losses.ts';

export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Destination = Parameters<Pdf['getDestination']>[0] | unknown[] | null;

export interface OutlineEntry {
  title: string;
  /** 1 for the top level. */
  level: number;
  /** The page that the entry leads to, from 1; null when it leads to no page of this PDF. */
  page: number | null;
}

export interface Properties {
  title: string | null;
  author: string | null;
  subject: string | null;
  language: string | null;
  producer: string | null;
  /** ISO 8601. */
  created_at: string | null;
  modified_at: string | null;
  encrypted: boolean;
}

const MAX_LEVEL = 10;

export async function propertiesOf(pdf: Pdf): Promise<Properties> {
  const { info, metadata } = await pdf.getMetadata();
  const about = info as Record<string, unknown>;
  return {
    title: textOrNull(about.Title),
    author: textOrNull(about.Author),
    subject: textOrNull(about.Subject),
    language: textOrNull(about.Language ?? metadata?.get('dc:language')),
    producer: textOrNull(about.Producer),
    created_at: dateOf(about.CreationDate),
    modified_at: dateOf(about.ModDate),
    encrypted: textOrNull(about.EncryptFilterName) !== null,
  };
}

export async function outlineOf(pdf: Pdf, losses: Losses): Promise<OutlineEntry[]> {
  const entries: OutlineEntry[] = [];
  const add = async (items: Awaited<ReturnType<Pdf['getOutline']>>, level: number): Promise<void> => {
    for (const { title, dest, items: below } of items) {
      if (entries.length >= MAX_OUTLINE_ENTRIES) {
        losses.add(`The outline has more than ${MAX_OUTLINE_ENTRIES} entries; the others were left out.`, null);
        return;
      }
      entries.push({ title: title.slice(0, 500), level, page: await pageOf(pdf, dest) });
      if (level < MAX_LEVEL) await add(below, level + 1);
      else if (below.length > 0) losses.add(`Entries of the outline below level ${MAX_LEVEL} were left out.`, null);
    }
  };
  await add((await pdf.getOutline()) ?? [], 1);
  return entries;
}

/** The page of a destination, from 1; null when it does not lead to a page. */
export async function pageOf(pdf: Pdf, destination: Destination): Promise<number | null> {
  try {
    const place = typeof destination === 'string' ? await pdf.getDestination(destination) : destination;
    const [target] = Array.isArray(place) ? place : [];
    if (typeof target === 'number') return target < pdf.numPages ? target + 1 : null;
    return target ? (await pdf.getPageIndex(target as Parameters<Pdf['getPageIndex']>[0])) + 1 : null;
  } catch {
    return null;
  }
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
