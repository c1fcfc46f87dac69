// What the earlier attempts of a task have recorded, and which of it this attempt has asked for.

import type { ClaimedTask } from '../claimed-task.ts';
import { PermanentFailure } from '../control.ts';
import type { Engine } from '../engine.ts';
import { checkOut } from '../payloads.ts';
import { readLongResult, readSteps } from '../store/read-steps.ts';
import type { RecordedStep, StepKind, StepName } from './step.ts';

const MAX_NAME_CHARACTERS = 256;
/** Above this a loop belongs into `step.each`: another attempt reads all steps. */
const MAX_STEPS = 10_000;

export class StepHistory {
  readonly #engine: Engine;
  readonly #task: ClaimedTask;
  readonly #asked = new Map<string, number>();
  #loading: Promise<Map<string, RecordedStep>> | undefined;
  #loaded: Map<string, RecordedStep> | undefined;
  #next = 0;

  constructor(engine: Engine, task: ClaimedTask) {
    this.#engine = engine;
    this.#task = task;
  }

  /** The step of this name that is asked for now. Throws PermanentFailure `invalid_step`. */
  ask(name: string): StepName {
    if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_CHARACTERS) {
      const found = typeof name === 'string' ? `${name.length} characters` : `a ${typeof name}`;
      throw new PermanentFailure(`the name of a step must be a text of 1–256 characters, not ${found}`, 'invalid_step');
    }
    const occurrence = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, occurrence);
    return { name, occurrence };
  }

  /** What is recorded of the step; undefined: nothing yet. Throws PermanentFailure `diverged`. */
  async recall(step: StepName, kind: StepKind): Promise<RecordedStep | undefined> {
    const earlier = (await this.#load()).get(keyOf(step));
    if (earlier && earlier.kind !== kind) {
      const [asked, recorded] = [`step.${methodOf(kind)}`, `step.${methodOf(earlier.kind)}`];
      const message = `the code asks for ${asked} where an earlier attempt recorded ${recorded}: ${labelOf(step)}`;
      throw new PermanentFailure(message, 'diverged');
    }
    return earlier;
  }

  /** Throws PermanentFailure `too_many_steps`. */
  nextPosition(): number {
    if (this.#next >= MAX_STEPS) {
      const message = `a task may have ${MAX_STEPS} steps; use step.each for a long loop`;
      throw new PermanentFailure(message, 'too_many_steps');
    }
    return this.#next++;
  }

  /** The value that a recorded step returned. */
  async resultOf(step: StepName & Partial<Pick<RecordedStep, 'result' | 'isLong'>>): Promise<unknown> {
    const { result, isLong } = step;
    if (isLong) return JSON.parse((await readLongResult(this.#engine, this.#task.id, step)) ?? 'null');
    return result ? JSON.parse(await checkOut(this.#engine, result)) : null;
  }

  /** The recorded steps, as far as they were read. */
  get recorded(): RecordedStep[] {
    return [...(this.#loaded?.values() ?? [])];
  }

  /** The recorded steps for which this attempt has not asked. */
  get unasked(): RecordedStep[] {
    return this.recorded.filter(({ name, occurrence }) => occurrence > (this.#asked.get(name) ?? 0));
  }

  /** Reads them, if they were not read yet. */
  load(): Promise<unknown> {
    return this.#load();
  }

  /** The first attempt of a task has nothing to read, unless it begins with the steps of another task. */
  #load(): Promise<Map<string, RecordedStep>> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<Map<string, RecordedStep>> {
    const isFirst = this.#task.fence === 1 && !this.#task.isFork;
    const steps = isFirst ? [] : await readSteps(this.#engine, this.#task.id);
    this.#loaded = new Map(steps.map((step) => [keyOf(step), step]));
    this.#next = Math.max(-1, ...steps.map(({ position }) => position)) + 1;
    return this.#loaded;
  }
}

function keyOf({ name, occurrence }: StepName): string {
  return `${occurrence} ${name}`;
}

/** The step as messages name it. */
export function labelOf({ name, occurrence }: StepName): string {
  return occurrence === 1 ? `"${name}"` : `"${name}" (occurrence ${occurrence})`;
}

function methodOf(kind: StepKind): string {
  return kind === 'event' ? 'waitForEvent' : kind;
}
