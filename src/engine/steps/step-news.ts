// What a stream says about the steps of a task: which there are and how each stands, without results.
import type { RecordedStep, StepName } from './step.ts';

export interface StepNews extends StepName, Pick<RecordedStep, 'kind' | 'outcome' | 'startedAt' | 'endedAt' | 'until'> {
  undo: NonNullable<RecordedStep['undo']>['outcome'] | undefined;
}

/** A sleep that is over by `now` (epoch milliseconds) is done, though its row does not say so. */
export function wokenBy<Step extends Pick<RecordedStep, 'kind' | 'outcome' | 'endedAt' | 'until'>>(
  step: Step,
  now: number,
): Step {
  const hasWoken = step.kind === 'sleep' && step.outcome === 'open' && step.until !== undefined && step.until <= now;
  return hasWoken ? { ...step, outcome: 'done', endedAt: step.until } : step;
}

/** Those of `now` that are not in `before` as they are. */
export function changedSteps(before: readonly StepNews[], now: readonly StepNews[]): StepNews[] {
  const known = new Set(before.map((step) => JSON.stringify(step)));
  return now.filter((step) => !known.has(JSON.stringify(step)));
}
