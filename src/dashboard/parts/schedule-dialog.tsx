// A dialog that creates a schedule.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { refreshAll, useLive } from '../live.ts';
import { parseJson } from '../parse-json.ts';
import { cronInWords, everyInWords } from '../rule.ts';
import { sampleOf } from '../sample.ts';
import { FormDialog } from './dialog.tsx';
import { Problem } from './states.tsx';
import { showToast } from './toast.tsx';

export function ScheduleDialog({ onClose }: { onClose(): void }) {
  const { data, error } = useLive((signal) => api.definitions(signal), [], { off: true });
  const definitions = data?.items ?? [];
  const [name, setName] = useState('');
  const [task, setTask] = useState('');
  const [input, setInput] = useState('{}');
  const [kind, setKind] = useState<'cron' | 'every'>('cron');
  const [when, setWhen] = useState('0 9 * * MON');
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
  const chooseTask = (chosen: string) => {
    setTask(chosen);
    const schema = definitions.find((definition) => definition.name === chosen)?.input_schema;
    setInput(JSON.stringify(sampleOf(schema), null, 2));
  };
  const inWords = kind === 'cron' ? cronInWords(when)?.concat(`, in ${timezone}`) : everyInWords(Number(when));
  const submit = async () => {
    const rule = kind === 'cron' ? { cron: when } : { every: Number(when) };
    await api.createSchedule({
      name,
      task,
      input: parseJson(input),
      ...rule,
      timezone,
      catchup: 'latest',
      overlap: 'skip',
    });
    showToast(`The schedule ${name} is created.`);
    refreshAll();
    onClose();
  };
  return (
    <FormDialog title="New schedule" action="Create schedule" submit={submit} onClose={onClose} wide>
      {error && <Problem error={error} compact />}
      <label class="field">
        <span>Name</span>
        <input required maxLength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>Definition</span>
        <select required value={task} onChange={(event) => chooseTask(event.currentTarget.value)}>
          <option value="">Choose …</option>
          {definitions.map((definition) => (
            <option key={definition.name}>{definition.name}</option>
          ))}
        </select>
      </label>
      <div class="field-row">
        <label class="field">
          <span>When</span>
          <select
            value={kind}
            onChange={(event) => {
              setKind(event.currentTarget.value === 'every' ? 'every' : 'cron');
              setWhen(event.currentTarget.value === 'every' ? '3600' : '0 9 * * MON');
            }}
          >
            <option value="cron">At certain times (cron)</option>
            <option value="every">Every N seconds</option>
          </select>
        </label>
        <label class="field">
          <span>{kind === 'cron' ? 'Cron' : 'Seconds'}</span>
          <input required class="code" value={when} onInput={(event) => setWhen(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Time zone</span>
          <input required value={timezone} onInput={(event) => setTimezone(event.currentTarget.value)} />
        </label>
      </div>
      <p class="quiet">
        {inWords ?? (kind === 'cron' ? 'Enter a valid cron expression.' : 'Enter a number of seconds above 0.')}
      </p>
      <label class="field">
        <span>Input (JSON)</span>
        <textarea
          class="code"
          rows={6}
          spellcheck={false}
          value={input}
          onInput={(event) => setInput(event.currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
