// Moves through the pages of a list. The API gives a cursor for the next page; the browser's history leads to earlier ones.
import { plural } from '../format.ts';
import { canGoBack, setQuery, usePlace } from '../router.ts';
import { Icon } from './icon.tsx';

interface Labels {
  first: string;
  back: string;
  next: string;
}

const BY_AGE: Labels = { first: 'Newest', back: 'Newer', next: 'Older' };
/** The labels for a list that is not sorted by age. */
export const IN_ORDER: Labels = { first: 'First', back: 'Back', next: 'Next' };

/** `noun`: the singular name of an item. */
export function Pager(props: { next: string | null; shown: number; noun: string; labels?: Labels }) {
  const { next, shown, noun, labels = BY_AGE } = props;
  const { query } = usePlace();
  const later = query.has('cursor');
  if (!later && next === null) return <p class="pager quiet">{shown > 0 && plural(shown, noun)}</p>;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span class="quiet">{plural(shown, noun)} on this page</span>
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
