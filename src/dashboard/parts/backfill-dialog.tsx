// A dialog that fires the missed times of a schedule. First the API counts them.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { now } from '../clock.ts';
import { absolute, count, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { to } from '../router.ts';
import { FormDialog } from './dialog.tsx';
import { Problem } from './states.tsx';
import { showToast } from './toast.tsx';

const DAY_MS = 86_400_000;

export function BackfillDialog({ name, onClose }: { name: string; onClose(): void }) {
  const [from, setFrom] = useState(() => new Date(now() - DAY_MS).toISOString());
  const [until, setUntil] = useState(() => new Date(now()).toISOString());
  const range = { from, to: until };
  const { data, error, stale } = useLive((signal) => api.countMissed(name, range, signal), [name, from, until], {
    off: true,
  });
  const counted = stale || error ? undefined : data;
  const label = counted && `Fire ${plural(counted.count, 'missed time')}`;
  const submit = async () => {
    const { task_id } = await api.backfill(name, range);
    showToast(`A backfill of the schedule ${name} has started.`, {
      link: { href: to(`/tasks/${task_id}`), text: 'Show its progress' },
    });
    onClose();
  };
  return (
    <FormDialog
      title={`Backfill ${name}`}
      action={label ?? 'Fire missed times'}
      ready={(counted?.count ?? 0) > 0}
      submit={submit}
      onClose={onClose}
    >
      <p>Each time in this range that has not fired starts now. Times that have fired are left out.</p>
      <div class="field-row">
        <Instant label="From" at={from} onChange={setFrom} />
        <Instant label="To" at={until} onChange={setUntil} />
      </div>
      {error && <Problem error={error} compact />}
      {!counted && !error && <p role="status">Counting the times …</p>}
      {counted && (
        <p role="status">
          <strong>{count(counted.count)}</strong> missed, {count(counted.fired)} already fired
          {counted.first_at !== null && counted.last_at !== null && (
            <span class="quiet">
              {' '}
              · {absolute(counted.first_at)} to {absolute(counted.last_at)}
            </span>
          )}
        </p>
      )}
    </FormDialog>
  );
}

/** Shows the time in the reader's time zone; `at` is in UTC. */
function Instant(props: { label: string; at: string; onChange(at: string): void }) {
  const at = Date.parse(props.at);
  const shift = new Date(at).getTimezoneOffset() * 60_000;
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="datetime-local"
        required
        value={new Date(at - shift).toISOString().slice(0, 16)}
        onChange={(event) => {
          const chosen = new Date(event.currentTarget.value);
          if (!Number.isNaN(chosen.getTime())) props.onChange(chosen.toISOString());
        }}
      />
    </label>
  );
}
