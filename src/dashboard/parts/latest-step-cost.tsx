// What the steps of a definition cost, from its latest tasks that have ended. Empty if they have no steps.
import { useState } from 'preact/hooks';
import { api, type TaskSummary } from '../api.ts';
import { plural } from '../format.ts';
import { useLive } from '../live.ts';
import { FINAL } from '../task-query.ts';
import { StepCost } from './step-cost.tsx';

const TASKS = 5;

/** `tasks`: the latest of one definition. Those of the first call count while the page is open. */
export function LatestStepCost({ tasks }: { tasks: readonly TaskSummary[] }) {
  const [ids] = useState(() => {
    const ended = tasks.filter(({ status }) => FINAL.includes(status));
    return ended.slice(0, TASKS).map(({ task_id }) => task_id);
  });
  const { data, error } = useLive((signal) => Promise.all(ids.map((id) => api.steps(id, signal))), [ids], {
    off: true,
  });
  const lists = (data ?? []).filter(({ items }) => items.length > 0);
  if (!data && !error) return <div aria-busy="true" />;
  if (lists.length === 0) return null;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const cost = {
    cost_usd: mean(lists.map(({ cost_usd }) => cost_usd)),
    cost_in_workflows_usd: mean(lists.map((list) => list.cost_in_workflows_usd)),
  };
  const steps = Math.round(mean(lists.map(({ items }) => items.length)));
  return (
    <section class="card step-cost-card" aria-label="Cost of the steps">
      <StepCost cost={cost} task="One task" />
      <p class="quiet steps-note">
        The mean of the latest {plural(lists.length, 'task')} with steps that ended: {plural(steps, 'step')} each.
      </p>
    </section>
  );
}
