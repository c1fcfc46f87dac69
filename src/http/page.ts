// Pages of a list. A cursor says in which list it is good and after which item to go on; callers pass it back as it is.
import { z } from '@hono/zod-openapi';
import { EngineError } from '../engine/manage.ts';

/** The query fields of a list. */
export const pageQuery = ({ defaultLimit, maxLimit }: { defaultLimit: number; maxLimit: number }) => ({
  limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
  cursor: z.string().optional().describe('The `next_cursor` of the page before'),
});

/** The schema of a page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable().describe('null: this is the last page') });

export interface Pager {
  /** The position after which the page begins. Throws EngineError `invalid_cursor`. */
  read(cursor: string | undefined): string | undefined;
  write(position: string): string;
  /** Cuts `rows`, of which one more than `limit` was read, to a page. */
  page<Row>(rows: readonly Row[], limit: number, positionOf: (row: Row) => string): Page<Row>;
}

export interface Page<Row> {
  rows: Row[];
  next_cursor: string | null;
}

/** The pager of one list. `fits` says whether a position can be one of this list. */
export function createPager(list: string, fits: (position: string) => boolean = () => true): Pager {
  const write = (position: string) => encode(`${list}:${position}`);
  return {
    write,
    read(cursor) {
      if (cursor === undefined) return undefined;
      const text = decode(cursor);
      const position = text?.startsWith(`${list}:`) ? text.slice(list.length + 1) : undefined;
      if (position === undefined || !fits(position)) throw invalidCursor();
      return position;
    },
    page(rows, limit, positionOf) {
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return { rows: shown, next_cursor: rows.length > limit && last !== undefined ? write(positionOf(last)) : null };
    },
  };
}

/** The pager of a list whose positions are ids. */
export const createIdPager = (list: string): Pager =>
  createPager(list, (position) => z.uuid().safeParse(position).success);

function invalidCursor(): EngineError {
  const message = 'Pass the next_cursor of the page before, or no cursor for the first page.';
  return new EngineError('invalid_cursor', `The cursor is not one of this list. ${message}`, [
    { path: 'cursor', message },
  ]);
}

/** Base64url of the UTF-8 text. */
function encode(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decode(cursor: string): string | undefined {
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
