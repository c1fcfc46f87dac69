// One step: its name, its bar, and what became of it. A click shows its details. Many equal steps are one row.
import type { ComponentChildren } from 'preact';
import type { Step } from '../api.ts';
import { count, duration, plural } from '../format.ts';
import { labelOf, stateOf } from '../step-words.ts';
import { Icon } from './icon.tsx';
import type { Chart } from './step-chart-head.tsx';
import { Span } from './time.tsx';

const KINDS: Record<Step['kind'], string | undefined> = {
  do: undefined,
  sleep: 'sleep',
  event: 'event',
  approval: 'approval',
  each: 'loop',
};

export function StepRow(props: {
  step: Step;
  chart: Chart;
  isOpen: boolean;
  onToggle(step: Step): void;
  children: ComponentChildren;
}) {
  const { step, chart, isOpen } = props;
  const { word, icon, colour } = stateOf(step, chart.isOver);
  const kind = KINDS[step.kind];
  return (
    <li class={isOpen ? 'step step-open' : 'step'} data-state={colour}>
      <button type="button" class="steps-line" aria-expanded={isOpen} onClick={() => props.onToggle(step)}>
        <span class="steps-label">
          <span class="step-name" title={step.name}>
            {labelOf(step)}
          </span>
          {kind && <span class="quiet step-kind">{kind}</span>}
        </span>
        <span class="steps-track">
          <Bar step={step} chart={chart} />
        </span>
        <span class="step-state">
          <Icon name={icon} />
          {word}
        </span>
        <span class="quiet step-took">
          <Took step={step} isOver={chart.isOver} />
        </span>
      </button>
      {props.children}
    </li>
  );
}

function Took({ step, isOver }: { step: Step; isOver: boolean }) {
  const { started_at, ended_at, tries, attempt, outcome } = step;
  if (attempt === 0 && outcome !== 'open') return <>copied</>;
  const times = tries > 1 ? `, ${plural(tries, 'try', 'tries')}` : '';
  if (ended_at) return <>{duration(Math.max(0, Date.parse(ended_at) - Date.parse(started_at))) + times}</>;
  if (isOver) return times.slice(2);
  return (
    <>
      <Span from={started_at} />
      {times}
    </>
  );
}

/** A step that another task recorded has no bar: it was before this task. */
function Bar({ step, chart: { axis, until } }: { step: Step; chart: Chart }) {
  const { kind, outcome, started_at, ended_at, attempt, undo } = step;
  const left = axis.place(Date.parse(started_at));
  const right = axis.place(ended_at ? Date.parse(ended_at) : until);
  return (
    <>
      {(attempt > 0 || outcome === 'open') && (
        <i
          class="bar"
          data-kind={kind}
          data-outcome={outcome}
          style={{ left: `${left}%`, width: `${right - left}%` }}
        />
      )}
      {undo?.at && <i class="undo-mark" style={{ left: `${axis.place(Date.parse(undo.at))}%` }} />}
    </>
  );
}

/** `steps` have the same state. */
export function FoldedRow(props: { steps: Step[]; chart: Chart; onUnfold(steps: Step[]): void }) {
  const { steps, chart } = props;
  const [first, last] = [steps[0] as Step, steps.at(-1) as Step];
  const { word, icon, colour } = stateOf(first, chart.isOver);
  const left = chart.axis.place(Date.parse(first.started_at));
  const right = chart.axis.place(last.ended_at ? Date.parse(last.ended_at) : chart.until);
  return (
    <li class="step step-folded" data-state={colour}>
      <button type="button" class="steps-line" onClick={() => props.onUnfold(steps)}>
        <span class="steps-label">
          <span class="step-name">Show {steps.length > 100 ? `100 of ${count(steps.length)}` : steps.length} more</span>
        </span>
        <span class="steps-track">
          <i class="bar" data-kind="folded" style={{ left: `${left}%`, width: `${Math.max(0, right - left)}%` }} />
        </span>
        <span class="step-state">
          <Icon name={icon} />
          {word}
        </span>
        <span class="quiet step-took">{plural(steps.length, 'step')}</span>
      </button>
    </li>
  );
}
