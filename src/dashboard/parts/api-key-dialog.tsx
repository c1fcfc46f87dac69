// A dialog that creates an API key and then shows it once.
import { useState } from 'preact/hooks';
import { api, type Scope } from '../api.ts';
import { refreshAll } from '../live.ts';
import { Id } from './copy.tsx';
import { Dialog, FormDialog } from './dialog.tsx';

const SCOPES: { scope: Scope; permits: string }[] = [
  { scope: 'tasks:read', permits: 'Read tasks with their inputs and results, workflows and files.' },
  { scope: 'tasks:write', permits: 'Enqueue, revoke and retry tasks, pause queues, change schedules.' },
  { scope: 'admin', permits: 'Everything, including API keys and the mailbox.' },
];

const LIFETIMES = [
  { title: 'Never', seconds: undefined },
  { title: 'In 1 day', seconds: 86_400 },
  { title: 'In 30 days', seconds: 2_592_000 },
  { title: 'In 90 days', seconds: 7_776_000 },
  { title: 'In 365 days', seconds: 31_536_000 },
];

export function ApiKeyDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['tasks:read']);
  const [lifetime, setLifetime] = useState(0);
  const [created, setCreated] = useState<string>();
  if (created !== undefined)
    return (
      <Dialog title="The new API key" onClose={onClose}>
        <p>Copy the API key now. It is shown only once, because the server keeps only its hash.</p>
        <p class="new-key">
          <Id id={created} />
        </p>
        <footer>
          <button type="button" class="button button-main" onClick={onClose}>
            Done
          </button>
        </footer>
      </Dialog>
    );
  const submit = async () => {
    const seconds = LIFETIMES[lifetime]?.seconds;
    const { key } = await api.createApiKey({ name, scopes, ...(seconds && { expires_in: seconds }) });
    setCreated(key);
    refreshAll();
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <FormDialog title="New API key" action="Create API key" submit={submit} onClose={onClose}>
      <label class="field">
        <span>Label</span>
        <input required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset class="field">
        <legend>Scopes</legend>
        {SCOPES.map(({ scope, permits }) => (
          <label class="check" key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              <code>{scope}</code> <span class="quiet">{permits}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field field-short">
        <span>Expires</span>
        <select value={String(lifetime)} onChange={(event) => setLifetime(Number(event.currentTarget.value))}>
          {LIFETIMES.map(({ title }, index) => (
            <option key={title} value={String(index)}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
}
