// Runs the body of a step, or its undo, once.
import { TimeoutError } from '../ending.ts';
import { toMs } from './duration.ts';
import { labelOf } from './history.ts';
import type { StepContext, StepName, StepOptions } from './step.ts';
import type { StepRun } from './step-run.ts';

export type StepBody = (step: StepContext) => unknown;

/** Throws TimeoutError when it takes longer than the step may. */
export async function runBody(
  run: StepRun,
  step: StepName,
  { timeout }: StepOptions,
  body: StepBody,
  tries: number,
): Promise<unknown> {
  const { running } = run;
  const key = `${running.task.id}:${step.name}:${step.occurrence}`;
  if (timeout === undefined)
    return body({
      idempotencyKey: key,
      attempt: tries,
      get signal() {
        return running.signal();
      },
    });
  const ms = toMs(timeout);
  const overdue = new TimeoutError(`the step ${labelOf(step)} timed out after ${ms / 1000} s`);
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    controller.abort(overdue);
    reject(overdue);
  }, ms);
  const signal = AbortSignal.any([running.signal(), controller.signal]);
  try {
    return await Promise.race([body({ idempotencyKey: key, attempt: tries, signal }), promise]);
  } finally {
    clearTimeout(timer);
  }
}
