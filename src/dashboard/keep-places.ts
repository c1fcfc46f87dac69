// Updates the rows of a list without moving them. Pure.
import { count } from './format.ts';

/** Keeps the rows of `shown` in their places, each with its latest data. `news`: how `latest` differs; undefined if it does not. */
export function keepPlaces<Item>(
  shown: readonly Item[],
  latest: readonly Item[],
  idOf: (item: Item) => string,
): { items: Item[]; news: string | undefined } {
  const byId = new Map(latest.map((item) => [idOf(item), item]));
  const ids = shown.map(idOf);
  const items = shown.map((item) => byId.get(idOf(item)) ?? item);
  const known = new Set(ids);
  const added = latest.filter((item) => !known.has(idOf(item))).length;
  const gone = ids.filter((id) => !byId.has(id)).length;
  const moved = latest.some((item, index) => idOf(item) !== ids[index]);
  return { items, news: inWords({ added, all: added === latest.length, gone, moved }) };
}

/** If all rows of the page are new, the pages after it may have more. A page of fixed size loses a row for each new one. */
function inWords(change: { added: number; all: boolean; gone: number; moved: boolean }): string | undefined {
  if (change.added > 0) return `${count(change.added)}${change.all ? '+' : ''} new`;
  if (change.gone > 0) return `${count(change.gone)} gone`;
  return change.moved ? 'New order' : undefined;
}
