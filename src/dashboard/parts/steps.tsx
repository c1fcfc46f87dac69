// The steps of a task as bars on one time axis, with its attempts and log lines. Empty for a task without steps.
import { useMemo, useState } from 'preact/hooks';
import type { Attempt, Step, Task } from '../api.ts';
import { now } from '../clock.ts';
import { count, plural } from '../format.ts';
import { foldSteps, type Row } from '../step-words.ts';
import { FINAL } from '../task-query.ts';
import { timeAxis } from '../time-axis.ts';
import { bandsOf, type Chart, ChartHead } from './step-chart-head.tsx';
import { type Cost, StepCost } from './step-cost.tsx';
import { StepDetails } from './step-details.tsx';
import { FoldedRow, StepRow } from './step-row.tsx';
import { Still } from './still.tsx';

/** Folded steps that a click shows. */
const UNFOLDED_AT_ONCE = 100;

export interface StepsOf {
  task: Task;
  attempts: Attempt[];
  steps: Step[];
}

export function Steps({ task, attempts, steps, cost }: StepsOf & { cost: Cost }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const chart = useMemo(() => chartOf({ task, attempts, steps }), [task, attempts, steps]);
  if (steps.length === 0) return null;
  const toggle = (step: Step) => {
    const next = new Set(open);
    if (!next.delete(keyOf(step))) next.add(keyOf(step));
    setOpen(next);
  };
  const unfold = (folded: Step[]) =>
    setUnfolded(new Set([...unfolded, ...folded.slice(0, UNFOLDED_AT_ONCE).map(keyOf)]));
  const row = (one: Row<Step>) => {
    if ('folded' in one)
      return (
        <FoldedRow key={`from ${keyOf(one.folded[0] as Step)}`} steps={one.folded} chart={chart} onUnfold={unfold} />
      );
    const isOpen = open.has(keyOf(one.step));
    return (
      <StepRow key={keyOf(one.step)} step={one.step} chart={chart} isOpen={isOpen} onToggle={toggle}>
        {isOpen && <StepDetails step={one.step} task={task} attempts={attempts} before={steps.indexOf(one.step)} />}
      </StepRow>
    );
  };
  return (
    <section id="steps" class="card steps" aria-label="Steps" style={{ '--bands': bandsOf(chart) }}>
      <h2>
        Steps
        <span class="quiet">{summary(steps)}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <section class="steps-scroll" tabIndex={0} aria-label="Steps in the order of the code">
        <ChartHead chart={chart} />
        <Still page={{ items: steps }} idOf={keyOf} chosen={`${unfolded.size}`}>
          {({ items }) => (
            <ol class="steps-list">{foldSteps(items, chart.isOver, (step) => unfolded.has(keyOf(step))).map(row)}</ol>
          )}
        </Still>
      </section>
      {chart.axis.shortened.length > 0 && (
        <p class="quiet steps-note">Hatched pauses between attempts are drawn shorter than they were.</p>
      )}
      <StepCost cost={cost} task="This task" />
    </section>
  );
}

function keyOf({ name, occurrence }: Step): string {
  return `${occurrence} ${name}`;
}

function summary(steps: readonly Step[]): string {
  const open = steps.filter(({ outcome }) => outcome === 'open').length;
  return open === 0 ? plural(steps.length, 'step') : `${plural(steps.length, 'step')}, ${count(open)} open`;
}

function chartOf({ task, attempts, steps }: StepsOf): Chart {
  const isOver = FINAL.includes(task.status);
  const latest = isOver ? Date.parse(task.finished_at ?? task.created_at) : now();
  const instants = (list: (string | null | undefined)[]) => list.flatMap((at) => (at ? Date.parse(at) : []));
  const spans = attempts.map(({ started_at, finished_at }) => ({
    from: Date.parse(started_at),
    to: finished_at ? Date.parse(finished_at) : latest,
  }));
  // Steps of the attempt 0 are of another task, and may be much older.
  const own = steps.filter(({ attempt }) => attempt > 0);
  const starts = instants([...attempts, ...own].map(({ started_at }) => started_at));
  const ends = instants(own.flatMap(({ ended_at, undo }) => [ended_at, undo?.at]));
  const from = least(starts) ?? Date.parse(task.created_at);
  const to = Math.max(isOver ? from : latest, ...spans.map(({ to: end }) => end), most(ends) ?? from);
  const axis = timeAxis({ from, to }, spans);
  return { axis, attempts, isOver, until: to, isUndoing: task.undoing !== null, from };
}

/** Of any number of values: a call has a limit of arguments. */
function least(values: readonly number[]): number | undefined {
  return values.reduce<number | undefined>((found, value) => Math.min(found ?? value, value), undefined);
}

function most(values: readonly number[]): number | undefined {
  return values.reduce<number | undefined>((found, value) => Math.max(found ?? value, value), undefined);
}
