// What a task asks a person: the buttons that decide it, and the decision in words.
import { useState } from 'preact/hooks';
import { api, type Step, type StepName } from '../api.ts';
import { refreshAll } from '../live.ts';
import { type Decision, decisionOf } from '../step-words.ts';
import { Icon } from './icon.tsx';
import { Problem } from './states.tsx';
import { Time } from './time.tsx';
import { showToast } from './toast.tsx';

interface Asked {
  taskId: string;
  step: StepName;
  title: string;
}

/** The names and values below the title of a request. */
export function RequestDetails({ details }: { details: Record<string, unknown> | undefined }) {
  const entries = Object.entries(details ?? {});
  if (entries.length === 0) return null;
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <div class="fact" key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** `onDecided`: called with the decision that the API has recorded. */
export function DecisionForm({ taskId, step, title, onDecided }: Asked & { onDecided?(decision: Decision): void }) {
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const decide = async (approved: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const { name, occurrence } = step;
      const decided: Step = await api.decide(taskId, { name, occurrence }, { approved, ...(note !== '' && { note }) });
      const decision = decisionOf(decided);
      if (decision) onDecided?.(decision);
      showToast(`${approved ? 'Approved' : 'Rejected'}. The task goes on.`);
      refreshAll();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    setBusy(false);
  };
  return (
    <div class="decision">
      <label class="field">
        <span>Note (optional)</span>
        <textarea rows={2} maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      {error && <Problem error={error} compact />}
      <div class="decision-buttons">
        <button
          type="button"
          class="button button-main"
          disabled={busy}
          aria-label={`Approve ${title}`}
          onClick={() => decide(true)}
        >
          <Icon name="check" />
          Approve
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={busy}
          aria-label={`Reject ${title}`}
          onClick={() => decide(false)}
        >
          <Icon name="close" />
          Reject
        </button>
      </div>
    </div>
  );
}

/** `Approved by ada 3 s ago: fine`. */
export function DecisionText({ approved, by, note, at }: Decision) {
  return (
    <>
      <strong class={approved ? 'good' : 'bad'}>{approved ? 'Approved' : 'Rejected'}</strong> by{' '}
      {by === 'link' ? 'the link in a message' : by} <Time at={at} />
      {note ? `: ${note}` : '.'}
    </>
  );
}
