// A trial of the playground. Sends an event to the tasks that wait for it.
import { useState } from 'preact/hooks';
import { api, type EventReceipt } from '../api.ts';
import { plural } from '../format.ts';
import { parseJson } from '../parse-json.ts';
import { JsonTree } from '../parts/json-tree.tsx';
import { Trial } from '../parts/trial.tsx';

export function SendEvent() {
  const [type, setType] = useState('order.paid');
  const [key, setKey] = useState('');
  const [payload, setPayload] = useState('{ "total": 99.5 }');
  const [receipt, setReceipt] = useState<EventReceipt>();
  return (
    <Trial
      title="Send an event"
      about="The event ends the waits of tasks for this type and key. Tasks that begin to wait later find it, too."
      action="Send event"
      start={async () => {
        const sent = await api.sendEvent({ type, ...(key !== '' && { key }), payload: parseJson(payload) });
        setReceipt(sent);
        return sent.id;
      }}
      watch={() => receipt && <Receipt receipt={receipt} />}
    >
      <div class="field-row">
        <label class="field">
          <span>Type</span>
          <input required maxLength={256} value={type} onInput={(event) => setType(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Key (optional)</span>
          <input maxLength={256} value={key} onInput={(event) => setKey(event.currentTarget.value)} />
        </label>
      </div>
      <label class="field">
        <span>Payload (JSON)</span>
        <textarea
          class="code"
          rows={2}
          spellcheck={false}
          value={payload}
          onInput={(event) => setPayload(event.currentTarget.value)}
        />
      </label>
    </Trial>
  );
}

function Receipt({ receipt }: { receipt: EventReceipt }) {
  const { woken, task_ids } = receipt;
  return (
    <>
      <p role="status">
        The event was taken. It ended {plural(woken, 'wait')} and started {plural(task_ids.length, 'task')}.
      </p>
      <JsonTree value={receipt} label="answer" />
    </>
  );
}
