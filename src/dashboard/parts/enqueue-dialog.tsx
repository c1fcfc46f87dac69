// A dialog that enqueues one task of a definition. Its input is edited as JSON.
import { useState } from 'preact/hooks';
import { api, type NewTask } from '../api.ts';
import { parseJson } from '../parse-json.ts';
import { go, to } from '../router.ts';
import { FormDialog } from './dialog.tsx';

export function EnqueueDialog(props: {
  title: string;
  name: string;
  input: unknown;
  options?: NonNullable<NewTask['options']>;
  onClose(): void;
}) {
  const [text, setText] = useState(() => JSON.stringify(props.input, null, 2) ?? '{}');
  const [countdown, setCountdown] = useState('');
  const submit = async () => {
    const input = parseJson(text);
    const options = { ...props.options, ...(countdown !== '' && { countdown: Number(countdown) }) };
    const { task_id } = await api.enqueue({
      name: props.name,
      input,
      ...(Object.keys(options).length > 0 && { options }),
    });
    props.onClose();
    go(to(`/tasks/${task_id}`));
  };
  return (
    <FormDialog title={props.title} action="Enqueue task" wide submit={submit} onClose={props.onClose}>
      <label class="field">
        <span>Input (JSON)</span>
        <textarea
          class="code"
          rows={Math.min(20, Math.max(6, text.split('\n').length + 1))}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label class="field field-short">
        <span>Delay (seconds)</span>
        <input
          type="number"
          min="0"
          step="any"
          placeholder="0"
          value={countdown}
          onInput={(event) => setCountdown(event.currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
