// The page of one definition: its options, its input schema, its latest tasks, and a button to enqueue a task.
import { useState } from 'preact/hooks';
import { api, type Definition } from '../api.ts';
import { duration, plural } from '../format.ts';
import { useLive } from '../live.ts';
import { Command, curl } from '../parts/copy.tsx';
import { EnqueueDialog } from '../parts/enqueue-dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { LatestStepCost } from '../parts/latest-step-cost.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { to } from '../router.ts';
import { sampleOf } from '../sample.ts';
import { useMay } from '../session.ts';

const LATEST = 8;

export function DefinitionPage({ name }: { name: string }) {
  const live = useLive(
    async (signal) => {
      const [{ items }, latest] = await Promise.all([
        api.definitions(signal),
        api.tasks({ name, limit: String(LATEST) }, signal),
      ]);
      return { definition: items.find((one) => one.name === name), tasks: latest.items };
    },
    [name],
    { concerns: (update) => update.name === name },
  );
  const [enqueueing, setEnqueueing] = useState(false);
  const mayWrite = useMay('tasks:write');
  const definition = live.data?.definition;
  return (
    <Page
      title={name}
      above={
        <a class="crumb" href={to('/definitions')}>
          Definitions
        </a>
      }
      actions={
        mayWrite &&
        definition && (
          <button type="button" class="button button-main" onClick={() => setEnqueueing(true)}>
            <Icon name="plus" />
            Enqueue task
          </button>
        )
      }
    >
      <Loaded live={live} rows={6}>
        {({ tasks }) => (
          <>
            {definition ? <About definition={definition} /> : <Unknown name={name} />}
            <LatestStepCost tasks={tasks} />
            <h2 class="section">
              Latest tasks{' '}
              <a class="quiet" href={to('/tasks', { name })}>
                Show all
              </a>
            </h2>
            <Still page={{ items: tasks }} idOf={({ task_id }) => task_id}>
              {({ items }) =>
                items.length > 0 ? <TaskTable tasks={items} /> : <p class="card quiet all-well">No tasks yet.</p>
              }
            </Still>
          </>
        )}
      </Loaded>
      {enqueueing && definition && (
        <EnqueueDialog
          title={`Enqueue ${name}`}
          name={name}
          input={sampleOf(definition.input_schema)}
          onClose={() => setEnqueueing(false)}
        />
      )}
    </Page>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <Empty icon="definitions" title="Unknown definition">
      <p>
        <code>{name}</code> is not listed in <code>src/tasks/index.ts</code>. Definitions whose names start with{' '}
        <code>demo.</code> need <code>DEMO_TASKS = "on"</code>.
      </p>
    </Empty>
  );
}

function About({ definition }: { definition: Definition }) {
  const { name, queue, max_retries, timeout_seconds, unique, rate_limit, batch, input_schema } = definition;
  return (
    <div class="columns">
      <section class="card">
        <h2>Input schema</h2>
        <JsonTree value={input_schema} label="Input schema" />
        <h3>In a shell</h3>
        <Command text={curl('POST', '/tasks', { name, input: sampleOf(input_schema) })} />
      </section>
      <section class="card">
        <h2>Options</h2>
        <dl class="facts">
          <dt>Queue</dt>
          <dd>{queue}</dd>
          <dt>Retries</dt>
          <dd>{max_retries}</dd>
          <dt>Timeout</dt>
          <dd>{duration(timeout_seconds * 1000)}</dd>
          <dt>Unique</dt>
          <dd>{unique ? `for ${duration(unique.for_seconds * 1000)}` : 'no'}</dd>
          <dt>Rate limit</dt>
          <dd>{rate_limit ?? 'none'}</dd>
          <dt>Batch</dt>
          <dd>{batch ? batchWords(batch) : 'no'}</dd>
        </dl>
      </section>
    </div>
  );
}

function batchWords({ size, wait_ms }: NonNullable<Definition['batch']>): string {
  const most = `up to ${plural(size, 'task')}`;
  return wait_ms > 0 ? `${most}, after ${duration(wait_ms)} at the latest` : most;
}
