// A new API key: first a form, then the key, shown this once.
import { useState } from 'preact/hooks';
import { api, type Scope } from '../api.ts';
import { refreshAll } from '../live.ts';
import { Id } from './copy.tsx';
import { Dialog, FormDialog } from './dialog.tsx';

const SCOPES: { scope: Scope; what: string }[] = [
  { scope: 'tasks:read', what: 'see tasks with their inputs and results, workflows, files' },
  { scope: 'tasks:write', what: 'enqueue, revoke, retry, pause queues, change schedules' },
  { scope: 'admin', what: 'all of that, and the keys and the mailbox' },
];

const LIVES = [
  { title: 'Never', seconds: undefined },
  { title: 'In 1 day', seconds: 86_400 },
  { title: 'In 30 days', seconds: 2_592_000 },
  { title: 'In 90 days', seconds: 7_776_000 },
  { title: 'In a year', seconds: 31_536_000 },
];

export function KeyDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['tasks:read']);
  const [life, setLife] = useState(0);
  const [made, setMade] = useState<string>();
  if (made !== undefined)
    return (
      <Dialog title="The new key" onClose={onClose}>
        <p>Copy it now. It is shown this once; only a hash of it is kept.</p>
        <p class="new-key">
          <Id id={made} />
        </p>
        <footer>
          <button type="button" class="button button-main" onClick={onClose}>
            Done
          </button>
        </footer>
      </Dialog>
    );
  const submit = async () => {
    const seconds = LIVES[life]?.seconds;
    const { key } = await api.makeKey({ name, scopes, ...(seconds && { expires_in: seconds }) });
    setMade(key);
    refreshAll();
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <FormDialog title="New key" action="Make it" submit={submit} onClose={onClose}>
      <label class="field">
        <span>Whose it is, or what for</span>
        <input required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset class="field">
        <legend>It may</legend>
        {SCOPES.map(({ scope, what }) => (
          <label class="check" key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              <code>{scope}</code> <span class="quiet">{what}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field field-short">
        <span>Expires</span>
        <select value={String(life)} onChange={(event) => setLife(Number(event.currentTarget.value))}>
          {LIVES.map(({ title }, index) => (
            <option key={title} value={String(index)}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
}
