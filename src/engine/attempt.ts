// One attempt: from a claimed task to how it ended. Never rejects: an error of a task becomes its outcome, and no other
// task's.
import { createAbortion } from './abortion.ts';
import type { ClaimedTask } from './claimed-task.ts';
import { createContext } from './context.ts';
import { PermanentFailure, RetryRequest } from './control.ts';
import { type Declaration, hasLimits } from './declaration.ts';
import {
  DEADLINE,
  type Ending,
  EXPIRED,
  endingOf,
  Lost,
  MAX_MESSAGE_CHARACTERS,
  safeEndingOf,
  snoozed,
  TimeoutError,
  UNKNOWN_TASK_DELAY_SECONDS,
} from './ending.ts';
import type { Engine } from './engine.ts';
import type { AnyDefinition, Handler } from './handler.ts';
import { runBetweenHooks } from './hooks.ts';
import { hasLapsed } from './limits/admit.ts';
import { checkIn, checkOut, exceeds } from './payloads.ts';
import type { Running } from './running.ts';
import type { Settlement } from './settlement.ts';
import { labelOf } from './steps/history.ts';
import { type AttemptSteps, createSteps } from './steps/index.ts';
import type { Recorder } from './steps/recorder.ts';
import type { Steps } from './steps/step.ts';
import { runUndos } from './steps/undo.ts';
import { findParents } from './store/find-parents.ts';
import type { Payload, SnoozeReason, Undoing } from './task.ts';
import { toJson } from './to-json.ts';
import { toSettlement } from './to-settlement.ts';
import { mergeInput, NOT_NEEDED, NotNeeded } from './workflow/receive.ts';

/** Starts one attempt. `definition`: undefined when this deployment does not know it. */
export function startAttempt(
  engine: Engine,
  task: ClaimedTask,
  definition: AnyDefinition | undefined,
  recorder: Recorder,
): Running {
  const { signal, abort, aborted, throwIfAborted } = createAbortion();
  const timeoutMs = (definition?.timeoutSeconds ?? 0) * 1000;
  const running: Running = {
    task,
    deadline: (task.slot ?? engine.clock.now()) + timeoutMs,
    hasTimeLeft: () => engine.clock.now() - task.startedAt < timeoutMs / 2,
    signal,
    throwIfAborted,
    recordedSteps: 0,
    logs: [],
    progress: undefined,
    abort,
    ended: Promise.resolve(undefined),
  };
  let steps: AttemptSteps | undefined;
  const stepsOf = () => {
    steps ??= createSteps(engine, running, recorder);
    return steps;
  };
  running.ended = attempt(engine, running, definition, { aborted, steps: () => steps, stepsOf });
  return running;
}

/** Aborts the attempts that are past their deadline. */
export function abortOverdue(running: Iterable<Running>, now: number): void {
  for (const { deadline, abort, task } of running) {
    if (now >= deadline) abort(new TimeoutError(`timed out after ${Math.round((deadline - task.startedAt) / 1000)} s`));
  }
}

interface Parts {
  /** Rejects with the reason of `abort`. */
  aborted: Promise<never>;
  /** The steps, if the code has asked for one. */
  steps(): AttemptSteps | undefined;
  /** The steps, made when they are first asked for. */
  stepsOf(): AttemptSteps;
}

async function attempt(
  engine: Engine,
  running: Running,
  definition: AnyDefinition | undefined,
  parts: Parts,
): Promise<Settlement | undefined> {
  const { task } = running;
  const end = (ending: Ending) => toSettlement(engine, running, definition, ending);
  const isExpired = task.expiresAt !== undefined && task.expiresAt <= engine.clock.now() && !task.undoing;
  if (isExpired) {
    const ended = end({ state: 'REVOKED', error: EXPIRED });
    return { ...ended, neverStarted: ended.state === 'REVOKED' };
  }
  if (!definition && task.undoing) return end(snoozed(UNKNOWN_UNDOS, UNKNOWN_TASK_DELAY_SECONDS));
  if (!definition) {
    const error = new RetryRequest(UNKNOWN_TASK_DELAY_SECONDS);
    error.message = `no task named "${task.name}" in this deployment`;
    return end(endingOf(engine, task, undefined, error, 'unknown_task'));
  }
  if (task.deadlineAt !== undefined && task.deadlineAt <= engine.clock.now() && !task.undoing)
    return end({ state: 'FAILURE', error: DEADLINE });
  try {
    const held = await waitForStart(engine, task, definition, parts.aborted);
    if (held) return { ...end(snoozed(held)), keepsPlace: task.keepsPlace };
    if (task.undoing) return end(await undo(engine, running, definition, parts, task.undoing));
    const result = await Promise.race([runThrough(engine, running, definition, parts), parts.aborted]);
    return end({ state: 'SUCCESS', result });
  } catch (error) {
    if (error instanceof Lost) return undefined;
    if (error instanceof NotNeeded) return { ...end({ state: 'REVOKED', error: NOT_NEEDED }), neverStarted: true };
    const ending = safeEndingOf(engine, task, definition.handler, error);
    return end(task.undoing ? undosStopped(ending) : ending);
  }
}

/** Runs the task. Whatever its outcome, the steps that run are recorded first: the next attempt must not run them again. */
async function runThrough(
  engine: Engine,
  running: Running,
  definition: AnyDefinition,
  { steps, stepsOf }: Parts,
): Promise<Payload> {
  try {
    return await execute(engine, running, definition, () => stepsOf().api);
  } finally {
    const started = steps();
    if (started) {
      await started.run.close();
      warnOfUnasked(engine, running, started);
    }
  }
}

function warnOfUnasked(engine: Engine, { logs }: Running, { run }: AttemptSteps): void {
  const { unasked } = run.history;
  if (unasked.length === 0) return;
  const names = unasked.slice(0, 10).map(labelOf).join(', ');
  const message = `Warning: the attempt ended without asking for ${unasked.length} recorded steps: ${names}`;
  logs.push({ at: engine.clock.now(), message: message.slice(0, MAX_MESSAGE_CHARACTERS) });
}

const UNKNOWN_UNDOS: SnoozeReason = {
  code: 'step',
  message: 'its undos wait for a deployment that has its definition',
};

/** What ends an attempt that was to run undos ends the task loudly: not all of them have run. */
function undosStopped(ending: Ending): Ending {
  if (ending.state !== 'FAILURE') return ending;
  const message = `not all steps were undone: ${ending.error.message}`;
  return { state: 'FAILURE', error: { code: 'undo_failed', type: 'UndoFailed', message } };
}

/** Runs the undos of a task that ends otherwise. */
async function undo(
  engine: Engine,
  running: Running,
  definition: AnyDefinition,
  { aborted, stepsOf }: Parts,
  undoing: Undoing,
): Promise<Ending> {
  const { run, undos, api } = stepsOf();
  const replayed = execute(engine, running, definition, () => api).then(
    () => ({}),
    (thrown: unknown) => ({ thrown }),
  );
  const error = await Promise.race([runUndos(run, undos, replayed), aborted]);
  return error ? { state: 'FAILURE', error } : undoing;
}

/** Waits for the task's slot; rejects when the task is aborted meanwhile. Returns why it may not start: it came too late for its slot, or past the limits of its definition. */
async function waitForStart(
  engine: Engine,
  task: ClaimedTask,
  declaration: Declaration,
  aborted: Promise<never>,
): Promise<SnoozeReason | undefined> {
  const { rateLimit } = declaration;
  if (!task.admitted)
    return engine.doorbell.keepsLimits && hasLimits(declaration) ? notAdmitted(task, declaration) : undefined;
  if (task.slot === undefined || !rateLimit) return undefined;
  const ms = task.slot - engine.clock.now();
  if (ms > 0) await Promise.race([engine.clock.wait(ms), aborted]);
  task.startedAt = engine.clock.now();
  if (!hasLapsed(task, rateLimit, task.startedAt)) return undefined;
  return { code: 'rate_limit', of: task.name, message: 'too late for the start that the rate limit granted' };
}

/** The message that brought the task did not say that its definition has limits. */
function notAdmitted({ name, concurrencyKey = name }: ClaimedTask, { rateLimit }: Declaration): SnoozeReason {
  if (rateLimit) return { code: 'rate_limit', of: name, message: 'not started past the rate limit' };
  return { code: 'concurrency', of: concurrencyKey, message: 'not started past the concurrency limit' };
}

async function execute(
  engine: Engine,
  running: Running,
  { input, output, handler }: Pick<Declaration, 'input' | 'output'> & { handler: Handler },
  steps: () => Steps,
): Promise<Payload> {
  const { task } = running;
  const given = input.safeParse(await inputOf(engine, task));
  if (!given.success) throw new PermanentFailure(`the input no longer fits: ${given.error.message}`, 'invalid_input');
  running.throwIfAborted();
  const ctx = createContext(engine, running, steps);
  const run = () => handler.run(given.data, ctx);
  const returned = await (engine.hooks?.length ? runBetweenHooks(engine, task.name, ctx, run) : run());
  const result = output.safeParse(returned);
  if (!result.success) throw new PermanentFailure(`the result does not fit: ${result.error.message}`, 'invalid_output');
  const json = written(result.data);
  if (exceeds(json, engine.settings.maxPayloadBytes)) {
    const limit = `${engine.settings.maxPayloadBytes} bytes`;
    throw new PermanentFailure(`the result is larger than ${limit}; write it to a file instead`, 'result_too_large');
  }
  return checkIn(engine, task.id, `result-${task.fence}`, json);
}

/** Another attempt would return the same, so a result that JSON cannot hold is a permanent failure. */
function written(result: unknown): string {
  try {
    return toJson(result, 'result');
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it cannot be written as JSON';
    throw new PermanentFailure(`the result does not fit: ${message}`, 'invalid_output', { cause: error });
  }
}

/** The input as it was enqueued, merged with the results of the parents if the task has any. */
async function inputOf(engine: Engine, task: ClaimedTask): Promise<unknown> {
  const bound: unknown = JSON.parse(await checkOut(engine, task.input));
  const { name, receives } = task;
  return receives ? mergeInput({ name, receives }, await findParents(engine, task.id), bound) : bound;
}
