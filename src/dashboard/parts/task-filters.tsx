// The filters above the list of tasks. Each filter is a parameter of the page's address.
import { useEffect, useState } from 'preact/hooks';
import { api, type Definition, type QueueStatus } from '../api.ts';
import { now } from '../clock.ts';
import { setQuery, usePlace } from '../router.ts';
import { useMay } from '../session.ts';
import { useStore } from '../store.ts';
import { SPANS, STATES, statusOf } from '../task-query.ts';
import { AllThatMatch } from './all-that-match.tsx';
import { Menu } from './menu.tsx';
import { COLUMNS, chosenColumns } from './task-table.tsx';
import { TextFilter } from './text-filter.tsx';

/** Changes filters and returns to the first page of the list. */
const choose = (patch: Record<string, string | undefined>) => setQuery({ ...patch, cursor: undefined });

/** `isFaulty`: the address has a filter that cannot be applied. */
export function TaskFilters({ isFaulty }: { isFaulty: boolean }) {
  const { query } = usePlace();
  const mayWrite = useMay('tasks:write');
  const [definitions, setDefinitions] = useState<Definition[]>([]);
  const [queues, setQueues] = useState<QueueStatus[]>([]);
  useEffect(() => {
    api.queues().then(
      ({ items }) => setQueues(items),
      () => {},
    );
    api.definitions().then(
      ({ items }) => setDefinitions(items),
      () => {},
    );
  }, []);
  const status = statusOf(query);
  const name = query.get('name') ?? '';
  const names = definitions.map((definition) => definition.name);
  const chosenQueue = query.get('queue') ?? '';
  const since = query.get('since') ?? '';
  const custom = query.has('until') || (since !== '' && !(since in SPANS));
  return (
    <>
      <fieldset class="segments segments-states" aria-label="Status">
        {['', ...STATES].map((state) => (
          <button
            type="button"
            key={state}
            aria-pressed={status === state}
            data-state={state || undefined}
            onClick={() => choose({ status: state || undefined })}
          >
            {state === '' ? 'All' : state.charAt(0) + state.slice(1).toLowerCase()}
          </button>
        ))}
      </fieldset>
      <div class="filters">
        <select
          aria-label="Name"
          value={name}
          onChange={(event) => choose({ name: event.currentTarget.value || undefined })}
        >
          <option value="">All names</option>
          {(name === '' || names.includes(name) ? names : [name, ...names]).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <select
          aria-label="Queue"
          value={chosenQueue}
          onChange={(event) => choose({ queue: event.currentTarget.value || undefined })}
        >
          <option value="">All queues</option>
          {chosenQueue !== '' && queues.every(({ name }) => name !== chosenQueue) && <option>{chosenQueue}</option>}
          {queues.map((queue) => (
            <option key={queue.name} title={queue.advice}>
              {queue.name}
            </option>
          ))}
        </select>
        <TextFilter name="tag" label="Tag" maxLength={64} />
        <TextFilter name="version" label="Version" maxLength={100} />
        <TextFilter name="text" label="Name or id" maxLength={64} />
        <select
          aria-label="Created"
          value={custom ? 'custom' : since}
          onChange={(event) => {
            const { value } = event.currentTarget;
            const dayAgo = () => new Date(now() - 86_400_000).toISOString();
            choose({ since: value === 'custom' ? dayAgo() : value || undefined, until: undefined });
          }}
        >
          <option value="">Any time</option>
          {Object.entries(SPANS).map(([span, { title }]) => (
            <option key={span} value={span}>
              {title}
            </option>
          ))}
          <option value="custom">Custom range</option>
        </select>
        {custom && (
          <>
            <Instant name="since" label="Since" />
            <Instant name="until" label="Until" />
          </>
        )}
        <span class="filters-end">
          {mayWrite && !isFaulty && <AllThatMatch />}
          <ColumnMenu />
        </span>
      </div>
    </>
  );
}

/** Shows the time in the reader's time zone; the address holds it in UTC. */
function Instant(props: { name: 'since' | 'until'; label: string }) {
  const { query } = usePlace();
  const at = Date.parse(query.get(props.name) ?? '');
  const shift = new Date(at).getTimezoneOffset() * 60_000;
  return (
    <input
      type="datetime-local"
      aria-label={props.label}
      title={`${props.label} this time, in your time zone`}
      value={Number.isNaN(at) ? '' : new Date(at - shift).toISOString().slice(0, 16)}
      onChange={(event) => {
        const chosen = new Date(event.currentTarget.value);
        choose({ [props.name]: Number.isNaN(chosen.getTime()) ? undefined : chosen.toISOString() });
      }}
    />
  );
}

function ColumnMenu() {
  const chosen = useStore(chosenColumns);
  return (
    <Menu icon="columns" label="Columns">
      {Object.entries(COLUMNS).map(([name, { title }]) => (
        <label class="check" key={name}>
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={(event) =>
              chosenColumns.set(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
            }
          />
          {title}
        </label>
      ))}
    </Menu>
  );
}
