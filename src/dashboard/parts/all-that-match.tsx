// A menu beside the filters: retries or revokes all tasks that match them. Nothing needs to be ticked.
import { useState } from 'preact/hooks';
import type { BulkChange, TaskFilter } from '../api.ts';
import { LABELS } from '../bulk-words.ts';
import { now } from '../clock.ts';
import { usePlace } from '../router.ts';
import { filterOf } from '../task-query.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { Icon } from './icon.tsx';
import { Menu } from './menu.tsx';

export function AllThatMatch() {
  const { query } = usePlace();
  const [asked, setAsked] = useState<BulkChange>();
  const hasFilter = Object.keys(filterOf(query, 0)).length > 0;
  return (
    <>
      <Menu label="All that match">
        {(['retry', 'revoke'] as const).map((verb) => (
          <button
            type="button"
            class="menu-item"
            key={verb}
            disabled={!hasFilter}
            onClick={() => setAsked({ verb, filter: filterOf(query, now()) as TaskFilter })}
          >
            <Icon name={verb} />
            {LABELS[verb]} …
          </button>
        ))}
        <p class="quiet">{hasFilter ? 'The tasks are counted first.' : 'Choose a filter first.'}</p>
      </Menu>
      {asked && <BulkDialog {...asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}
