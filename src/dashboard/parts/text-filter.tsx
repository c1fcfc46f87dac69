// A filter of a list that is typed: a parameter of the page's address.
import { useEffect, useState } from 'preact/hooks';
import { setQuery, usePlace } from '../router.ts';
import { withoutEllipsis } from '../search.ts';

/** Is applied on Enter and when it loses the focus. */
export function TextFilter(props: { name: string; label: string; maxLength: number }) {
  const { query } = usePlace();
  const value = query.get(props.name) ?? '';
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const wanted = props.name === 'text' ? text.trim().split(/\s+/).map(withoutEllipsis).join(' ') : text.trim();
  const apply = () => wanted !== value && setQuery({ [props.name]: wanted || undefined, cursor: undefined });
  return (
    <input
      type="text"
      class="filter-text"
      aria-label={props.label}
      placeholder={props.label}
      value={text}
      maxLength={props.maxLength}
      onInput={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
      onBlur={apply}
    />
  );
}
