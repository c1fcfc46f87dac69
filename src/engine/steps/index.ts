// `ctx.step` of one attempt.
import type { Engine } from '../engine.ts';
import type { Running } from '../running.ts';
import { approval } from './approval.ts';
import { doStep } from './do-step.ts';
import { eachStep } from './each-step.ts';
import type { Recorder } from './recorder.ts';
import type { StepHow, Steps } from './step.ts';
import { StepRun } from './step-run.ts';
import { Undos } from './undo.ts';
import { sleep, spanOf, waitForEvent } from './waits.ts';

/** The steps of an attempt, and what runs them. */
export interface AttemptSteps {
  api: Steps;
  run: StepRun;
  undos: Undos;
}

export function createSteps(engine: Engine, running: Running, recorder: Recorder): AttemptSteps {
  const run = new StepRun(engine, running, recorder);
  const undos = new Undos();
  const api: Steps = {
    do: (name: string, ...rest: unknown[]) => {
      const [options, body, undo] = typeof rest[0] === 'function' ? [{}, ...rest] : rest;
      return doStep(run, undos, name, { ...(options as StepHow), ...(undo as object) }, body as never) as never;
    },
    sleep: (name, duration) => sleep(run, name, (now, step) => now + spanOf(step, duration)),
    sleepUntil: (name, at) => sleep(run, name, () => Number(at)),
    waitForEvent: (name, wait) => waitForEvent(run, name, wait),
    approval: (name, request) => approval(run, name, request),
    each: (name, items, body, options) => eachStep(run, name, items, body, options),
  };
  return { api, run, undos };
}
