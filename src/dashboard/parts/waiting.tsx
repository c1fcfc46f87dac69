// Says in one sentence why a task does not run yet, with a link to what it waits for, and a button that resumes a paused queue.
import type { ComponentChildren } from 'preact';
import { api, type Task } from '../api.ts';
import { absolute, count, duration, plural, shortId } from '../format.ts';
import { to } from '../router.ts';
import { useMay } from '../session.ts';
import { Action } from './action.tsx';
import { useNow } from './time.tsx';

type Wait = NonNullable<Task['waiting']>;

/** The API counts up to this number. */
const MAX_COUNTED = 1000;
const CIRCUITS = 'https://github.com/errand-dev/errand/blob/main/docs/guides/limits.md#circuit-breakers';

export function Waiting({ task, wait }: { task: Task; wait: Wait }) {
  const mayWrite = useMay('tasks:write');
  const { reason, of } = wait;
  const Sentence = SENTENCES[reason];
  return (
    <section class={reason === 'unknown_task' ? 'card wait-card wait-card-warn' : 'card wait-card'}>
      <h2>Why it waits</h2>
      <p>
        <Sentence {...wait} task={task} of={of ?? ''} />
      </p>
      {reason === 'paused' && of !== null && mayWrite && (
        <Action
          icon="playground"
          label="Resume queue"
          about={of}
          done={`The queue ${of} is resumed. Waiting tasks start again.`}
          act={() => api.changeQueue('resume', of)}
        />
      )}
    </section>
  );
}

type About = Omit<Wait, 'of'> & { task: Task; of: string };

const SENTENCES: Record<Wait['reason'], (about: About) => ComponentChildren> = {
  paused: ({ of, by, since, next_at }) => (
    <>
      The queue <a href={to('/queues')}>{of}</a> has been paused for <For since={since} />
      {by !== null && (
        <>
          {' '}
          by the API key <strong>{by}</strong>
        </>
      )}
      .
      {next_at !== null && (
        <>
          {' '}
          The task is due <In at={next_at} />.
        </>
      )}
    </>
  ),
  rate_limit: ({ of, next_at, ahead }) => (
    <>
      The rate limit of <Definition name={of} /> lets the task start <In at={next_at} />.
      {ahead !== null && ahead > 0 && <> About {plural(ahead, 'task')} can start before it.</>}
    </>
  ),
  concurrency: ({ task, of, ahead }) => (
    <>
      As many tasks with the concurrency key <code>{of}</code> are running as{' '}
      <Definition name={task.name}>the definition’s limit</Definition> allows. <Ahead tasks={ahead} />
    </>
  ),
  circuit: ({ of, next_at }) => (
    <>
      The{' '}
      <a href={CIRCUITS} target="_blank" rel="noreferrer">
        circuit
      </a>{' '}
      of <strong>{of}</strong> was open: its calls failed several times in a row. The task tries again{' '}
      <In at={next_at} />. This uses up no retry.
    </>
  ),
  eta: ({ next_at }) => (
    <>
      The task is due <In at={next_at} />, as its caller asked.
    </>
  ),
  retry: ({ of, next_at }) => (
    <>
      {of === 'snoozed' ? (
        'The task asked to run later.'
      ) : (
        <>The last attempt did not succeed{of !== '' && <code> ({of})</code>}.</>
      )}{' '}
      The next attempt starts <In at={next_at} />.
    </>
  ),
  sleep: ({ of, next_at }) => (
    <>
      The step <a href="#steps">{of}</a> sleeps. The task goes on <In at={next_at} />.
    </>
  ),
  event: ({ of, next_at }) => (
    <>
      The task waits for the <a href={to('/playground')}>event</a> <code>{of}</code>. The wait times out{' '}
      <In at={next_at} />.
    </>
  ),
  approval: ({ of, next_at }) => (
    <>
      The task waits for the <a href={to('/approvals')}>decision of a person</a> about <strong>{of}</strong>. The wait
      times out <In at={next_at} />.
    </>
  ),
  step: ({ task, of, next_at }) => (
    <>
      {task.undoing ? 'The undo of the step' : 'The step'} <a href="#steps">{of}</a> failed and is tried again{' '}
      <In at={next_at} />.
    </>
  ),
  parents: ({ of, ahead }) => (
    <>
      The task waits for {plural(ahead ?? 1, 'parent task')} to end
      {of !== '' && (
        <>
          {ahead === 1 ? ': ' : '. The first is '}
          <a href={to(`/tasks/${of}`)}>
            task <code>…{shortId(of)}</code>
          </a>
        </>
      )}
      .
    </>
  ),
  queue: ({ of, ahead }) => (
    <>
      The task waits in the queue <a href={to('/tasks', { queue: of })}>{of}</a>. <Ahead tasks={ahead} />
    </>
  ),
  unknown_task: ({ of, next_at }) => (
    <>
      The <a href={to('/definitions')}>definitions of this deployment</a> do not include <strong>{of}</strong>. Deploy a
      version that has it.{' '}
      {next_at !== null && (
        <>
          The next attempt starts <In at={next_at} />.
        </>
      )}
    </>
  ),
};

function Definition({ name, children }: { name: string; children?: ComponentChildren }) {
  return <a href={to(`/definitions/${encodeURIComponent(name)}`)}>{children ?? name}</a>;
}

function Ahead({ tasks }: { tasks: number | null }) {
  if (tasks === null) return null;
  if (tasks === 0) return <>No task is ahead of it.</>;
  const number = tasks === MAX_COUNTED ? `${count(tasks)} tasks or more are` : plural(tasks, 'task is', 'tasks are');
  return <>{number} ahead of it.</>;
}

/** The time since an instant: `4 min 3 s`. */
function For({ since }: { since: string }) {
  return <time title={absolute(since)}>{duration(Math.max(0, useNow() - Date.parse(since)))}</time>;
}

/** The time until an instant: `in 20 s`; `soon` once it has passed. */
function In({ at }: { at: string | null }) {
  const left = at === null ? 0 : Date.parse(at) - useNow();
  if (at === null || left < 1000) return <>soon</>;
  return (
    <time datetime={at} title={absolute(at)}>
      in {duration(left)}
    </time>
  );
}
