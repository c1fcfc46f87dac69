// The playground: what the project is made for, tried with a click each, and watched.
import { useState } from 'preact/hooks';
import { api, fileUrl } from '../api.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { parse } from '../parts/enqueue-dialog.tsx';
import { Page } from '../parts/page.tsx';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';
import { WatchedBulk } from '../parts/watched-bulk.tsx';
import { to } from '../router.ts';

const BULK = 1000;

export function Playground() {
  return (
    <Page title="Playground" about="Try each, and watch it happen. Everything here is a call of the HTTP API.">
      <div class="trials">
        <Register />
        <Photo />
        <Process />
        <Flaky />
        <Slow />
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
      about="The user is committed together with a task that sends the welcome mail."
      action="Register"
      start={async () => (await api.register({ email, password: crypto.randomUUID() })).task_id}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => (
            <>
              Read it in the <a href={to('/mailbox')}>mailbox</a>.
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
      about="It is kept in R2; a task turns it upright and makes it small, within an isolate's memory."
      action="Upload"
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
      title="A chain of three"
      about="Validate, process, save: each link takes what the one before it gave."
      action="Process"
      start={async () => {
        const reply = await api.process(parse(text) as Record<string, never>);
        setWorkflow(reply.workflow_id);
        return reply.task_id;
      }}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => <a href={to(`/workflows/${workflow}`)}>See the workflow</a>}
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
      about="It is retried a second after each failure, at most three times. Every attempt is kept."
      action="Start"
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
      title="A task that takes its time"
      about="Ten seconds, with progress. Revoke it on its page while it runs. Locally (wrangler dev) a queue has one consumer, so what comes after this waits for it."
      action="Start"
      start={async () => (await api.enqueue({ name: 'demo.sleep', input: { seconds: 10, steps: 20 } })).task_id}
      watch={(id) => <Watched id={id} key={id} />}
    />
  );
}

function Bulk() {
  return (
    <Trial
      title="A thousand at once"
      about="One call, one transaction, four queue messages."
      action="Enqueue"
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
