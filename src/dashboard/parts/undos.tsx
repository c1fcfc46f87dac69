// Cards about the undos of a task: while they run, and when the task has ended. An undo that failed is shown before all else.
import type { Step, Task } from '../api.ts';
import { count, plural } from '../format.ts';
import { labelOf } from '../step-words.ts';
import { Icon } from './icon.tsx';
import { LongText } from './long-text.tsx';

export function Undoing({ undoing, steps }: { undoing: NonNullable<Task['undoing']>; steps: Step[] }) {
  const offered = steps.filter(({ undo }) => undo !== null);
  const run = offered.filter(({ undo }) => undo?.outcome !== 'offered').length;
  const end = undoing.status.charAt(0) + undoing.status.slice(1).toLowerCase();
  return (
    <section class="card wait-card wait-card-warn">
      <h2>The task is being undone</h2>
      <p>
        The undos of its steps run in reverse order: {count(run)} of {count(offered.length)} have run. Then the task
        ends with the status <strong>{end}</strong>: {undoing.error.message}
      </p>
    </section>
  );
}

/** Of a task that has ended: which steps are undone, and which of them could not be. */
export function Undone({ task, steps }: { task: Task; steps: Step[] }) {
  const failed = steps.filter(({ undo }) => undo?.outcome === 'failed');
  const done = steps.filter(({ undo }) => undo?.outcome === 'done');
  if (failed.length > 0 || task.error?.code === 'undo_failed') return <UndoFailed failed={failed} done={done} />;
  if (done.length === 0) return null;
  return (
    <section class="card wait-card" aria-label="Undone steps">
      <h2>{plural(done.length, 'step')} undone</h2>
      <p>In reverse order: {namesOf(done)}.</p>
    </section>
  );
}

function UndoFailed({ failed, done }: { failed: Step[]; done: Step[] }) {
  return (
    <section class="card error-card undo-failed" role="alert" aria-label="Undos that failed">
      <h2>
        <span class="alert-title">
          <Icon name="alert" />
          {failed.length > 0 ? `${plural(failed.length, 'undo')} failed` : 'The undos failed'}
        </span>
      </h2>
      <p>
        <strong>What these steps did still stands. Put it right by hand, or retry the task.</strong>
      </p>
      <ul>
        {failed.map((step) => (
          <li key={labelOf(step)}>
            <strong>{labelOf(step)}</strong>{' '}
            <span class="quiet">after {plural(step.undo?.tries ?? 0, 'try', 'tries')}</span>
            {step.undo?.error && (
              <div class="error-message">
                <code>{step.undo.error.code}</code>
                <LongText text={step.undo.error.message} label={`error of the undo of ${labelOf(step)}`} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {done.length > 0 && <p class="quiet">Undone: {namesOf(done)}.</p>}
    </section>
  );
}

const MOST_NAMES = 20;

/** In the order in which the undos ran. */
function namesOf(steps: readonly Step[]): string {
  const names = steps.map(labelOf).reverse();
  const rest = names.length - MOST_NAMES;
  return [...names.slice(0, MOST_NAMES), ...(rest > 0 ? [`${count(rest)} more`] : [])].join(', ');
}
