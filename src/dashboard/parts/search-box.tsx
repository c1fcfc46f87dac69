// Finds a task by what people have at hand: an id, or `name:`, `tag:`, `queue:`, `status:` and a value.
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, to } from '../router.ts';
import { readSearch } from '../search.ts';
import { searchAsked } from '../shortcuts.ts';
import { Icon } from './icon.tsx';

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  useEffect(() => searchAsked.follow(() => input.current?.focus()), []);
  const search = (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const { path, query } = readSearch(text);
    go(to(path, query));
    setText('');
    input.current?.blur();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to every browser yet
    <form class="search" role="search" onSubmit={search}>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Find tasks: an id, or name:, tag:, queue:, status:"
        placeholder="Find tasks: id, name, tag:… status:…"
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
