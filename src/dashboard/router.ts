// Keeps the current page in step with the browser's address. Paths are relative to /dashboard. Links are plain <a> elements,
// so they open in new tabs; a normal click changes the page without a reload.
import { createStore, useStore } from './store.ts';

const BASE = '/dashboard';

interface Place {
  /** Below /dashboard, without a trailing slash: `/` or `/tasks/1`. */
  path: string;
  query: URLSearchParams;
}

const place = createStore<Place>(readPlace());

/** Number of pages of this visit that the back button can return to. */
let backSteps = 0;

export const usePlace = () => useStore(place);

/** The address of a page, for `href`. Leaves out parameters without a value. */
export function to(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `${BASE}${path === '/' ? '' : path}${search ? `?${search}` : ''}`;
}

/** Goes to an address that `to()` made. */
export function go(address: string, options: { replace?: boolean } = {}): void {
  if (address === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, '', address);
  else {
    history.pushState(null, '', address);
    backSteps++;
  }
  place.set(readPlace());
}

/** Changes parameters of the current address. `undefined` removes a parameter. */
export function setQuery(patch: Record<string, string | undefined>, options: { replace?: boolean } = {}): void {
  const { path, query } = place.get();
  go(to(path, { ...Object.fromEntries(query), ...patch }), options);
}

export function canGoBack(): boolean {
  return backSteps > 0;
}

/** Handles clicks on links and the back button. Call it once, at the start. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    backSteps = Math.max(0, backSteps - 1);
    place.set(readPlace());
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const address = link?.getAttribute('href');
    if (
      !address ||
      link?.getAttribute('target') ||
      !(address === BASE || address.startsWith(`${BASE}/`) || address.startsWith(`${BASE}?`))
    )
      return;
    event.preventDefault();
    go(address);
  });
}

function readPlace(): Place {
  const path = location.pathname.slice(BASE.length).replace(/\/+$/, '');
  return { path: path === '' ? '/' : path, query: new URLSearchParams(location.search) };
}

/** The parameters of `path` in a pattern such as `/tasks/:id`, or undefined if it does not match. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, step] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!step.startsWith(':')) {
      if (step !== value) return undefined;
      continue;
    }
    try {
      found[step.slice(1)] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return found;
}
