// Keyboard shortcuts that work on every page: `g` and a letter opens a page, `/` searches, `r` refreshes, `?` shows help.
import { refreshAll } from './live.ts';
import { go, to } from './router.ts';
import { createStore } from './store.ts';

export const helpOpen = createStore(false);

/** Counts requests to focus the search box, so that each of them is noticed. */
export const searchRequests = createStore(0);

const SEQUENCE_MS = 1200;

/** Listens until the returned function is called. `pagePaths`: letter → path of the page. */
export function listenForShortcuts(pagePaths: ReadonlyMap<string, string>): () => void {
  let afterG: ReturnType<typeof setTimeout> | undefined;
  const listen = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const path = afterG === undefined ? undefined : pagePaths.get(event.key);
    clearTimeout(afterG);
    afterG = undefined;
    if (path !== undefined) {
      event.preventDefault();
      go(to(path));
    } else if (event.key === 'g') {
      afterG = setTimeout(() => {
        afterG = undefined;
      }, SEQUENCE_MS);
    } else if (event.key === '/') {
      event.preventDefault();
      searchRequests.set(searchRequests.get() + 1);
    } else if (event.key === 'r') refreshAll();
    else if (event.key === '?') helpOpen.set(true);
  };
  document.addEventListener('keydown', listen);
  return () => {
    clearTimeout(afterG);
    document.removeEventListener('keydown', listen);
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    document.querySelector('dialog[open]') !== null
  );
}
