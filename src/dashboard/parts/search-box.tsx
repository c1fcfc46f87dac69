// Finds tasks by id, by name, or by `name:`, `tag:`, `queue:` or `status:` and a value.
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, to } from '../router.ts';
import { readSearch } from '../search.ts';
import { searchRequests } from '../shortcuts.ts';
import { Icon } from './icon.tsx';

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  useEffect(() => searchRequests.follow(() => input.current?.focus()), []);
  const search = (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const { path, query } = readSearch(text);
    go(to(path, query));
    setText('');
    input.current?.blur();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: not every browser supports <search> yet
    <form class="search" role="search" onSubmit={search}>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Find tasks by id, name:, tag:, queue: or status:"
        placeholder="Find tasks: id, name, tag:…, status:…"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
        autocomplete="off"
        spellcheck={false}
      />
      <span class="key search-key" aria-hidden="true">
        /
      </span>
    </form>
  );
}
