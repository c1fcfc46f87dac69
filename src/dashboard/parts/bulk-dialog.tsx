// Asks before all tasks that match a filter are retried or revoked: first the API counts them, by status and name.
import { useState } from 'preact/hooks';
import { api, type BulkChange, type BulkCount, type TaskFilter } from '../api.ts';
import { bulkLabel, isNumber, LABELS, MAX_COUNTED, RETRIED, REVOKED, typeNumber } from '../bulk-words.ts';
import { count, plural } from '../format.ts';
import { refreshAll, useLive } from '../live.ts';
import { to } from '../router.ts';
import { FormDialog } from './dialog.tsx';
import { StateBadge } from './state-badge.tsx';
import { Problem } from './states.tsx';
import { showToast } from './toast.tsx';
import { TypedNumber } from './typed-number.tsx';

/** Kinds of tasks that are listed, the most frequent first. */
const MAX_KINDS = 8;

export function BulkDialog({ verb, filter, onClose }: BulkChange & { onClose(): void }) {
  const [alsoSucceeded, setAlsoSucceeded] = useState(false);
  const [typed, setTyped] = useState('');
  const change = { verb, filter, includeSucceeded: alsoSucceeded || filter.status === 'SUCCESS' };
  const { data, error, stale } = useLive((signal) => api.countAll(change, signal), [change], { off: true });
  const counted = stale || error ? undefined : data;
  const succeeded = counted ? sum(counted.by.filter(({ status }) => status === 'SUCCESS')) : 0;
  const label = counted && labelOf(verb, counted);
  const submit = async () => {
    const { task_id } = await api.changeAll(change);
    showToast(`A bulk task ${verb === 'retry' ? 'retries' : 'revokes'} the matching tasks.`, {
      link: { href: to(`/tasks/${task_id}`), text: 'Show the bulk task' },
    });
    refreshAll();
    onClose();
  };
  return (
    <FormDialog
      title={label ? `${label}?` : `${LABELS[verb]} all that match`}
      action={label ?? LABELS[verb]}
      danger={verb === 'revoke'}
      ready={(counted?.count ?? 0) > 0 && (succeeded === 0 || isNumber(typed, counted?.count ?? 0))}
      submit={submit}
      onClose={onClose}
    >
      <FilterWords filter={filter} />
      {error && <Problem error={error} compact />}
      {counted ? <Counted verb={verb} counted={counted} /> : !error && <p role="status">Counting the tasks …</p>}
      {verb === 'retry' && filter.status === undefined && (
        <label class="check">
          <input type="checkbox" checked={alsoSucceeded} onChange={() => setAlsoSucceeded(!alsoSucceeded)} />
          <span>Also run tasks again that succeeded or were revoked</span>
        </label>
      )}
      {counted && succeeded > 0 && (
        <TypedNumber label={typeNumber(succeeded, counted.count)} value={typed} onChange={setTyped} />
      )}
    </FormDialog>
  );
}

const sum = (kinds: BulkCount['by']) => kinds.reduce((total, kind) => total + kind.count, 0);

function labelOf(verb: BulkChange['verb'], { count: total, by, is_complete }: BulkCount): string {
  return bulkLabel(
    verb,
    total,
    by.map(({ status }) => status),
    is_complete,
  );
}

function Counted({ verb, counted }: { verb: BulkChange['verb']; counted: BulkCount }) {
  const { by, is_complete } = counted;
  const others = by.slice(MAX_KINDS);
  return (
    <>
      {by.length === 0 ? (
        <p>
          No {is_complete ? '' : `of the newest ${count(MAX_COUNTED)} `}matching task can be {PAST[verb]}.
        </p>
      ) : (
        <ul class="counted" aria-label="Tasks by status and name">
          {by.slice(0, MAX_KINDS).map(({ name, status, count: times }) => (
            <li key={`${status} ${name}`}>
              <StateBadge state={status} />
              <span class="clip">{name}</span>
              <strong>{count(times)}</strong>
            </li>
          ))}
          {others.length > 0 && (
            <li class="quiet">
              and {plural(sum(others), 'task')} of {plural(others.length, 'other kind')}
            </li>
          )}
        </ul>
      )}
      {!is_complete && (
        <p>
          More than {count(MAX_COUNTED)} tasks match. Only the newest {count(MAX_COUNTED)} are counted here; all of them
          are {PAST[verb]}.
        </p>
      )}
      <p class="quiet">{verb === 'revoke' ? REVOKED : `${RETRIED} ${OF_WORKFLOWS}`}</p>
    </>
  );
}

const PAST = { retry: 'retried', revoke: 'revoked' };
const OF_WORKFLOWS = 'If a task belongs to a workflow that has ended, the failed tasks of that workflow are retried.';

function FilterWords({ filter }: { filter: TaskFilter }) {
  return (
    <ul class="plain">
      {Object.entries(filter).map(([name, value]) => (
        <li key={name}>
          {name}: <code>{value}</code>
        </li>
      ))}
    </ul>
  );
}
