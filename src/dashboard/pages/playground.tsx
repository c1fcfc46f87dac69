// The playground: examples that start tasks and show their progress.
import { useState } from 'preact/hooks';
import { api, type EventReceipt, fileUrl } from '../api.ts';
import { plural } from '../format.ts';
import { parseJson } from '../parse-json.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { Page } from '../parts/page.tsx';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';
import { WatchedBulk } from '../parts/watched-bulk.tsx';
import { to } from '../router.ts';

const BULK = 1000;

export function Playground() {
  return (
    <Page title="Playground" about="Start an example and watch its tasks. Each example calls the HTTP API.">
      <div class="trials">
        <Register />
        <Photo />
        <Process />
        <Flaky />
        <Slow />
        <Checkout />
        <SendEvent />
        <Bulk />
      </div>
    </Page>
  );
}

function Register() {
  const [email, setEmail] = useState(() => `user-${Math.random().toString(36).slice(2, 8)}@example.com`);
  return (
    <Trial
      title="Register a user"
      about="The user is stored together with a task that sends the welcome mail."
      action="Register user"
      start={async () => (await api.register({ email, password: crypto.randomUUID() })).task_id}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => (
            <>
              Read the mail in the <a href={to('/mailbox')}>mailbox</a>.
            </>
          )}
        </Watched>
      )}
    >
      <label class="field">
        <span>E-mail address</span>
        <input type="email" required value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
      </label>
    </Trial>
  );
}

function Photo() {
  const [file, setFile] = useState<File>();
  return (
    <Trial
      title="A photo becomes a thumbnail"
      about="The photo is stored in R2. A task turns it upright and scales it down."
      action="Upload photo"
      ready={file !== undefined}
      start={async () => (await api.upload(file as File)).task_id}
      watch={(id) => (
        <Watched id={id} key={id}>
          {({ result }) => {
            const output = (result as { outputs?: { key: string; width: number; height: number }[] } | null)
              ?.outputs?.[0];
            return output ? (
              <img class="thumbnail" src={fileUrl(output.key)} alt={`Thumbnail, ${output.width} by ${output.height}`} />
            ) : null;
          }}
        </Watched>
      )}
    >
      <DropZone file={file} onFile={setFile} />
    </Trial>
  );
}

function Process() {
  const [text, setText] = useState('{ "name": " Ada ", "year": 1843, "tags": [" engine "] }');
  const [workflow, setWorkflow] = useState('');
  return (
    <Trial
      title="A chain of three tasks"
      about="The tasks validate, process and save a JSON object. Each takes the result of the task before it."
      action="Start chain"
      start={async () => {
        const reply = await api.process(parseJson(text) as Record<string, never>);
        setWorkflow(reply.workflow_id);
        return reply.task_id;
      }}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => <a href={to(`/workflows/${workflow}`)}>Show the workflow</a>}
        </Watched>
      )}
    >
      <label class="field">
        <span>Any JSON object</span>
        <textarea
          class="code"
          rows={2}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
    </Trial>
  );
}

function Flaky() {
  const [failures, setFailures] = useState('2');
  return (
    <Trial
      title="A task that fails at first"
      about="The task is retried 1 second after each failure, at most 3 times. Every attempt is kept."
      action="Start task"
      start={async () => (await api.enqueue({ name: 'demo.flaky', input: { failures: Number(failures) } })).task_id}
      watch={(id) => <Watched id={id} key={id} />}
    >
      <label class="field field-short">
        <span>Failures before it succeeds</span>
        <input
          type="number"
          min="0"
          max="10"
          required
          value={failures}
          onInput={(event) => setFailures(event.currentTarget.value)}
        />
      </label>
    </Trial>
  );
}

function Slow() {
  return (
    <Trial
      title="A task that takes 10 seconds"
      about="The task reports its progress. While it runs, you can revoke it on its page. In local development a queue has one consumer, so later tasks of the queue wait for this one."
      action="Start task"
      start={async () => (await api.enqueue({ name: 'demo.sleep', input: { seconds: 10, steps: 20 } })).task_id}
      watch={(id) => <Watched id={id} key={id} />}
    />
  );
}

function Bulk() {
  return (
    <Trial
      title="1,000 tasks at once"
      about="One request enqueues 1,000 tasks."
      action="Enqueue 1,000 tasks"
      start={async () => {
        const tag = `bulk-${crypto.randomUUID().slice(0, 8)}`;
        const tasks = Array.from({ length: BULK }, (_, value) => ({
          name: 'demo.echo',
          input: { value },
          options: { tags: [tag] },
        }));
        await api.enqueueMany(tasks);
        return tag;
      }}
      watch={(tag) => <WatchedBulk tag={tag} total={BULK} key={tag} />}
    />
  );
}

function Checkout() {
  const [order, setOrder] = useState(() => String(Math.floor(1000 + Math.random() * 9000)));
  return (
    <Trial
      title="An order that a person approves"
      about="The task reserves the goods, charges, waits for an approval and ships. If you reject the order, both steps are undone."
      action="Place order"
      start={async () => (await api.enqueue({ name: 'demo.checkout', input: { order, total: 99.5 } })).task_id}
      watch={(id) => (
        <>
          <Watched id={id} key={id} />
          <p>
            Decide on the page <a href={to('/approvals')}>Approvals</a>, or on the task’s page.
          </p>
        </>
      )}
    >
      <label class="field field-short">
        <span>Order</span>
        <input required maxLength={100} value={order} onInput={(event) => setOrder(event.currentTarget.value)} />
      </label>
    </Trial>
  );
}

function SendEvent() {
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
