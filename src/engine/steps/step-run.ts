// The steps of one attempt: what they share. It asks the history, records, and ends the attempt when nothing but waits is left.

import { Lost, Suspended } from '../ending.ts';
import type { Engine } from '../engine.ts';
import type { Running } from '../running.ts';
import { readHeldStep } from '../store/read-steps.ts';
import type { StepRecord } from '../store/record-steps.ts';
import type { SnoozeReason, TaskError } from '../task.ts';
import { labelOf, StepHistory } from './history.ts';
import type { Recorder } from './recorder.ts';
import type { RecordedStep, StepKind, StepName } from './step.ts';

/** A step that goes on in another attempt. */
export class Parked {
  constructor(
    /** Epoch milliseconds; undefined: only when the attempt is made again for another reason. */
    readonly until: number | undefined,
    readonly reason: SnoozeReason,
    /** The wait that an event or a person may end earlier. */
    readonly wait?: StepName,
  ) {}
}

/** What a kind of step adds to its record. */
export type Detail = Pick<StepRecord, 'outcome' | 'startedAt'> &
  Partial<Pick<StepRecord, 'result' | 'error' | 'about' | 'endedAt' | 'until' | 'tries' | 'waitsFor' | 'hasUndo'>>;

/** A step and what is known of it. */
export interface Asked {
  step: StepName;
  kind: StepKind;
  earlier: RecordedStep | undefined;
  position: number;
}

export class StepRun {
  readonly engine: Engine;
  readonly running: Running;
  readonly history: StepHistory;
  readonly #recorder: Recorder;
  /** Errors of steps that the code may still catch. */
  #failures: { asked: Asked; error: TaskError; startedAt: number; tries: number }[] = [];
  #parked: Parked[] = [];
  #busy = 0;
  #calls = 0;
  #isClosed = false;
  #onIdle: (() => void)[] = [];

  constructor(engine: Engine, running: Running, recorder: Recorder) {
    this.engine = engine;
    this.running = running;
    this.history = new StepHistory(engine, running.task);
    this.#recorder = recorder;
  }

  /** The task ends otherwise: recorded steps return what they did, and no other step runs. */
  get isUndoing(): boolean {
    return this.running.task.undoing !== undefined;
  }

  /** The engine's time; in eager mode, where nothing waits for a timer, at least the time for which the task was due. */
  get now(): number {
    return Math.max(this.engine.clock.now(), this.running.task.dueAt);
  }

  /** False when a step that has not begun should begin in another invocation. Each attempt records at least one step. */
  get mayBegin(): boolean {
    return this.running.recordedSteps === 0 || (this.running.hasTimeLeft() && this.#recorder.hasQueriesLeft);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Runs one call of a step. It never resolves when the step is parked, or the attempt is over. */
  async during<T>(call: () => Promise<T | Parked>): Promise<T> {
    if (this.#isClosed) return never();
    this.#busy++;
    this.#calls++;
    try {
      const result = await call();
      if (!(result instanceof Parked)) return result;
      this.#parked.push(result);
    } finally {
      this.#busy--;
      void this.#look();
    }
    return never();
  }

  /** Looks up the step that is asked for. Call it first, before any `await`: the order of calls counts the occurrences. */
  ask(name: string, kind: StepKind): Promise<Asked> {
    const step = this.history.ask(name);
    return this.#recall(step, kind);
  }

  async #recall(step: StepName, kind: StepKind): Promise<Asked> {
    const earlier = await this.history.recall(step, kind);
    if (this.#failures.length > 0) await this.#recordFailures();
    return { step, kind, earlier, position: earlier?.position ?? this.history.nextPosition() };
  }

  /**
   * Records the step. Returns the event that ended a wait at once, and what is recorded if something else has ended the wait.
   * Throws Lost when the task is no longer held.
   */
  async record(
    { step, kind, position }: Asked,
    detail: Detail,
  ): Promise<{ eventId: string | undefined; other: RecordedStep | undefined }> {
    const { task, progress } = this.running;
    const { id, fence, name, queue, workflowId } = task;
    const nothing = { result: undefined, error: undefined, about: undefined, endedAt: undefined, until: undefined };
    const record: StepRecord = {
      ...{ taskId: id, fence, ...step, kind, position, ...nothing, tries: 0, waitsFor: undefined, hasUndo: false },
      task: { name, queue, progress, workflowId },
      ...detail,
    };
    const { recorded, eventId } = await this.#recorder.record(record);
    this.running.recordedSteps++;
    if (recorded && record.hasUndo) this.running.task.hasUndo = true;
    if (recorded) return { eventId, other: undefined };
    const other = await readHeldStep(this.engine, this.running.task, step);
    if (other) return { eventId: undefined, other };
    const lost = new Lost(`step ${labelOf(step)} was not recorded: the task is no longer held here`);
    this.running.abort(lost);
    throw lost;
  }

  /** The error of a step goes to the code. If that goes on to another step, it has caught the error, which is recorded then. */
  fail(asked: Asked, failure: { error: TaskError; startedAt: number; tries: number }): void {
    this.#failures.push({ asked, ...failure });
  }

  async #recordFailures(): Promise<void> {
    // An error that the code does not catch ends the attempt in this turn.
    await scheduler.wait(0);
    if (this.#isClosed) throw new Lost('the attempt is over');
    const failures = this.#failures.splice(0);
    const endedAt = this.engine.clock.now();
    for (const { asked, ...failure } of failures) await this.record(asked, { outcome: 'failed', endedAt, ...failure });
  }

  /** The code has ended: starts no more steps, and resolves when those that run are recorded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** The number of calls so far, while none of them runs and one is parked; undefined: the code goes on. */
  get stoodStillAt(): number | undefined {
    return this.#busy === 0 && this.#parked.length > 0 ? this.#calls : undefined;
  }

  /** When only waits are left, the attempt ends until the first of them is over. */
  async #look(): Promise<void> {
    if (this.#busy > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
    if (this.#parked.length === 0 || this.#isClosed || this.isUndoing) return;
    const calls = this.#calls;
    // The code may go on to another step in this turn.
    await scheduler.wait(1);
    if (this.#busy > 0 || calls !== this.#calls || this.#isClosed) return;
    this.#isClosed = true;
    this.running.abort(suspendedBy(this.#parked));
  }
}

/** Parked for as long as the undos of the task run. */
export function parkedForGood(name: string): Parked {
  return new Parked(undefined, { code: 'step', of: name, message: 'the task is being undone' });
}

/** Parked because the invocation must end soon. */
export function nextInvocation(run: StepRun): Parked {
  const { queue } = run.running.task;
  const message = 'the steps go on in another invocation';
  return new Parked(run.engine.clock.now(), { code: 'queue', of: queue, message });
}

function suspendedBy(parked: readonly Parked[]): Suspended {
  const [first, ...rest] = [...parked].sort((one, other) => (one.until ?? 0) - (other.until ?? 0));
  if (!first) throw new Error('No step is parked.');
  const waits = parked.flatMap(({ wait }) => wait ?? []);
  const message = rest.length > 0 ? `${first.reason.message}, and ${rest.length} more` : first.reason.message;
  return new Suspended(first.until ?? 0, { ...first.reason, message }, waits);
}

function never(): Promise<never> {
  return new Promise<never>(() => {});
}
