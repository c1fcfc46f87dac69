// Finds tasks by words and filters, and opens the page of an id or file key. Says why a search cannot be made.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Fault } from '../filter-fault.ts';
import { findById, findByIdEnd } from '../find.ts';
import { go, to } from '../router.ts';
import { readSearch } from '../search.ts';
import { searchRequests } from '../shortcuts.ts';
import { Icon } from './icon.tsx';

interface Refusal extends Fault {
  /** The search that was probably meant. */
  instead?: string | undefined;
}

/** The address that a search leads to, or why there is none. Throws when the API does not answer. */
async function find(text: string): Promise<{ address: string } | { fault: Fault; instead?: string }> {
  const search = readSearch(text);
  if ('id' in search) return findById(search.id);
  if ('idEnd' in search) return findByIdEnd(search.idEnd);
  return 'fault' in search ? search : { address: to(search.path, search.query) };
}

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  useEffect(() => searchRequests.follow(() => input.current?.focus()), []);
  const search = async (wanted: string) => {
    if (wanted.trim() === '' || busy) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      const found = await find(wanted);
      if ('fault' in found) setRefusal({ ...found.fault, instead: found.instead });
      else {
        go(found.address);
        setText('');
        input.current?.blur();
      }
    } catch (error) {
      setRefusal({ message: error instanceof Error ? error.message : String(error) });
    }
    setBusy(false);
  };
  const leave = () => {
    setRefusal(undefined);
    input.current?.blur();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: not every browser supports <search> yet
    <form
      class="search"
      role="search"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault();
        void search(text);
      }}
      onKeyDown={(event) => event.key === 'Escape' && leave()}
    >
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search: words, an id, or name:, tag:, queue:, status:, version: and a value"
        placeholder="Search: id, name, tag:…, status:…"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setRefusal(undefined);
        }}
        aria-invalid={refusal !== undefined}
        aria-describedby={refusal && 'search-refusal'}
        autocomplete="off"
        spellcheck={false}
      />
      <span class="key search-key" aria-hidden="true">
        /
      </span>
      {refusal && <SearchRefusal refusal={refusal} onInstead={search} onClose={leave} />}
    </form>
  );
}

function SearchRefusal(props: { refusal: Refusal; onInstead(text: string): void; onClose(): void }) {
  const { message, instead } = props.refusal;
  return (
    <div class="search-refusal" role="alert" id="search-refusal">
      <p>{message}</p>
      {instead !== undefined && (
        <button type="button" class="link-button" onClick={() => props.onInstead(instead)}>
          Search for {instead}
        </button>
      )}
      <button type="button" class="icon-button" aria-label="Close" onClick={props.onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}
