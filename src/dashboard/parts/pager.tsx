// From page to page of a list: the API gives a cursor for the next one, the browser's history has those before.
import { plural } from '../format.ts';
import { canGoBack, setQuery, usePlace } from '../router.ts';
import { Icon } from './icon.tsx';

interface Labels {
  first: string;
  back: string;
  next: string;
}

const BY_AGE: Labels = { first: 'Newest', back: 'Newer', next: 'Older' };

/** `labels` name the ways through a list that does not begin with the newest. */
export function Pager(props: { next: string | null; shown: number; what: string; labels?: Labels }) {
  const { next, shown, what, labels = BY_AGE } = props;
  const { query } = usePlace();
  const later = query.has('cursor');
  if (!later && next === null) return <p class="pager quiet">{shown > 0 && plural(shown, what)}</p>;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span class="quiet">{plural(shown, what)} on this page</span>
      <button type="button" class="button" disabled={!later} onClick={() => setQuery({ cursor: undefined })}>
        {labels.first}
      </button>
      <button type="button" class="button" disabled={!later || !canGoBack()} onClick={() => history.back()}>
        <Icon name="back" />
        {labels.back}
      </button>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => setQuery({ cursor: next ?? undefined })}
      >
        {labels.next}
        <Icon name="next" />
      </button>
    </nav>
  );
}
