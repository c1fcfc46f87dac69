// What a task is about to do beside its steps: a card for each decision that it waits for, and a sentence while it is undone.
import type { Step, Task } from '../api.ts';
import { count } from '../format.ts';
import { useMay } from '../session.ts';
import { labelOf } from '../step-words.ts';
import { FINAL } from '../task-query.ts';
import { DecisionForm, RequestDetails } from './decision.tsx';
import { Time } from './time.tsx';

/** A card for each approval that the task waits for. */
export function Asks({ task, steps }: { task: Task; steps: Step[] }) {
  const mayWrite = useMay('tasks:write');
  if (FINAL.includes(task.status) || task.undoing) return null;
  const open = steps.filter(({ kind, outcome, about }) => kind === 'approval' && outcome === 'open' && about);
  return (
    <>
      {open.map((step) => (
        <section class="card wait-card" key={labelOf(step)} aria-label={`Decision about ${step.about?.title}`}>
          <h2>
            {step.about?.title}
            <span class="quiet">
              times out <Time at={step.until} />
            </span>
          </h2>
          <RequestDetails details={step.about?.details} />
          {mayWrite ? (
            <DecisionForm taskId={task.task_id} step={step} title={step.about?.title ?? ''} />
          ) : (
            <p class="quiet">Your API key may not decide. That needs the scope tasks:write.</p>
          )}
        </section>
      ))}
    </>
  );
}

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
