// A card for each decision that a task waits for.
import type { Step, Task } from '../api.ts';
import { useMay } from '../session.ts';
import { labelOf } from '../step-words.ts';
import { FINAL } from '../task-query.ts';
import { DecisionForm, RequestDetails } from './decision.tsx';
import { Time } from './time.tsx';

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
