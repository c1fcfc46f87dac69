// A list that stands still while it is used: while rows are ticked, a dialog or menu is open, or the pointer or the keyboard focus
// is in the list. Rows then keep their places, and only their cells change. A bar says how many rows are new, and shows them.
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { now } from '../clock.ts';
import { keepPlaces } from '../keep-places.ts';
import { useStore } from '../store.ts';
import { openLayers } from './layers.ts';

/** Changes when the reader asked for other rows or for a refresh. The list then shows the latest rows in any case. */
export const ListVersion = createContext('');

/** A pointer that rests in the list for this long no longer holds it. */
const REST_MS = 30_000;

interface Props<Item, Loaded> {
  /** The latest data. */
  page: Loaded;
  idOf(item: Item): string;
  /** Whether rows are ticked. */
  ticked?: boolean;
  /** What the reader chose on the page itself, such as a filter: if it changes, the list shows the latest rows. */
  chosen?: string;
  children(page: Loaded): ComponentChildren;
}

export function Still<Item, Loaded extends { items: Item[] }>(props: Props<Item, Loaded>) {
  const { page, idOf, ticked = false } = props;
  const area = useRef<HTMLDivElement>(null);
  const pointerAt = useRef(0);
  const [, setTimes] = useState(0);
  const renderAgain = () => setTimes((times) => times + 1);
  const layers = useStore(openLayers);
  const version = `${useContext(ListVersion)} ${props.chosen ?? ''}`;
  const shown = useRef({ page, version });

  const used = ticked || layers > 0 || now() - pointerAt.current < REST_MS || hasKeyboardFocus(area.current);
  const isHeld = used && version === shown.current.version && shown.current.page.items.length > 0;
  const { items, news } = keepPlaces(isHeld ? shown.current.page.items : page.items, page.items, idOf);
  shown.current = { page: isHeld ? { ...shown.current.page, items } : page, version };

  const notePointer = () => {
    pointerAt.current = now();
  };
  const show = () => {
    shown.current = { page, version };
    area.current?.focus();
    renderAgain();
  };
  return (
    <div
      class="still"
      ref={area}
      tabIndex={-1}
      onPointerMove={notePointer}
      onPointerDown={notePointer}
      onWheel={notePointer}
      onPointerLeave={() => {
        pointerAt.current = 0;
        renderAgain();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && area.current?.contains(relatedTarget))) renderAgain();
      }}
    >
      {news && (
        <div class="still-news">
          <button type="button" class="button" onClick={show}>
            {news} · show
          </button>
        </div>
      )}
      {props.children(shown.current.page)}
    </div>
  );
}

/** A click leaves the focus on what was clicked; the pointer then says whether the list is used. */
function hasKeyboardFocus(area: HTMLElement | null): boolean {
  const focused = document.activeElement;
  return area?.contains(focused) === true && focused?.matches(':focus-visible') === true;
}
