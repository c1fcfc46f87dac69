// One attempt: from a claimed task to how it ended. Never rejects: an error of a task becomes its outcome, and no other
// task's.
import { createContext } from './context.ts';
import { PermanentFailure, RetryRequest } from './control.ts';
import { type Declaration, hasLimits } from './declaration.ts';
import { wakeTime } from './doorbell.ts';
import {
  type Ending,
  EXPIRED,
  endingOf,
  Lost,
  safeEndingOf,
  snoozed,
  TimeoutError,
  UNKNOWN_TASK_DELAY_SECONDS,
} from './ending.ts';
import type { Engine } from './engine.ts';
import type { AnyDefinition, Handler } from './handler.ts';
import { hasLapsed } from './limits/admit.ts';
import { checkIn, checkOut, exceeds } from './payloads.ts';
import type { Running } from './running.ts';
import type { Settlement } from './settlement.ts';
import type { ClaimedTask } from './store/claim-tasks.ts';
import { findParents } from './store/find-parents.ts';
import type { Payload, SnoozeReason } from './task.ts';
import { toJson } from './to-json.ts';
import { mergeInput, NOT_NEEDED, NotNeeded } from './workflow/receive.ts';

/** Starts one attempt. `definition`: undefined when this deployment does not know it. */
export function startAttempt(engine: Engine, task: ClaimedTask, definition: AnyDefinition | undefined): Running {
  const aborted = Promise.withResolvers<never>();
  // Made when first asked for: most tasks never look at their signal, and ten thousand controllers cost more than they do.
  let controller: AbortController | undefined;
  let abortedBy: Error | undefined;
  const signal = () => {
    controller ??= new AbortController();
    if (abortedBy && !controller.signal.aborted) controller.abort(abortedBy);
    return controller.signal;
  };
  const running: Running = {
    task,
    deadline: (task.slot ?? engine.clock.now()) + (definition?.timeoutSeconds ?? 0) * 1000,
    logs: [],
    progress: undefined,
    abort(reason) {
      abortedBy ??= reason;
      controller?.abort(abortedBy);
      aborted.reject(abortedBy);
    },
    ended: Promise.resolve(undefined),
  };
  const throwIfAborted = () => {
    if (abortedBy) throw abortedBy;
  };
  running.ended = attempt(engine, running, definition, { signal, aborted: aborted.promise, throwIfAborted });
  return running;
}

/** Aborts the attempts that are past their deadline. */
export function abortOverdue(running: Iterable<Running>, now: number): void {
  for (const { deadline, abort, task } of running) {
    if (now >= deadline) abort(new TimeoutError(`timed out after ${Math.round((deadline - task.startedAt) / 1000)} s`));
  }
}

interface Abortion {
  signal(): AbortSignal;
  /** Rejects with the reason. */
  aborted: Promise<never>;
  throwIfAborted(): void;
}

async function attempt(
  engine: Engine,
  running: Running,
  definition: AnyDefinition | undefined,
  abortion: Abortion,
): Promise<Settlement | undefined> {
  const { task } = running;
  const end = (ending: Ending) => settlementOf(engine, running, ending);
  if (task.expiresAt !== undefined && task.expiresAt <= engine.clock.now()) {
    return { ...end({ state: 'REVOKED', error: EXPIRED }), neverStarted: true };
  }
  if (!definition) {
    const error = new RetryRequest(UNKNOWN_TASK_DELAY_SECONDS);
    error.message = `no task named "${task.name}" in this deployment`;
    return end(endingOf(engine, task, undefined, error, 'unknown_task'));
  }
  try {
    const held = await waitForStart(engine, task, definition, abortion);
    if (held) return end(snoozed(held));
    const result = await Promise.race([execute(engine, running, definition, abortion), abortion.aborted]);
    return end({ state: 'SUCCESS', result });
  } catch (error) {
    if (error instanceof NotNeeded) return { ...end({ state: 'REVOKED', error: NOT_NEEDED }), neverStarted: true };
    return error instanceof Lost ? undefined : end(safeEndingOf(engine, task, definition.handler, error));
  }
}

/** Waits for the task's slot; rejects when the task is aborted meanwhile. Returns why it may not start: it came too late for its slot, or past the limits of its definition. */
async function waitForStart(
  engine: Engine,
  task: ClaimedTask,
  declaration: Declaration,
  { aborted }: Abortion,
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
  abortion: Abortion,
): Promise<Payload> {
  const { task } = running;
  const given = input.safeParse(await inputOf(engine, task));
  if (!given.success) throw new PermanentFailure(`the input no longer fits: ${given.error.message}`, 'invalid_input');
  abortion.throwIfAborted();
  const returned = await handler.run(given.data, createContext(engine, running, abortion.signal));
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

function settlementOf(engine: Engine, running: Running, ending: Ending): Settlement {
  const { task, logs, progress } = running;
  const now = engine.clock.now();
  const dueAt = ending.state === 'RETRY' ? now + ending.delaySeconds * 1000 : undefined;
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    workflowId: task.workflowId,
    concurrencyKey: task.concurrencyKey,
    slot: task.slot,
    fence: task.fence,
    neverStarted: false,
    state: ending.state,
    outcome: ending.state === 'RETRY' ? ending.outcome : ending.state,
    result: ending.state === 'SUCCESS' ? ending.result : undefined,
    error: ending.state === 'SUCCESS' ? undefined : ending.error,
    reason: 'reason' in ending ? ending.reason : undefined,
    progress: ending.state === 'SUCCESS' && progress ? { ...progress, percent: 100 } : progress,
    logs,
    startedAt: task.startedAt,
    finishedAt: now,
    dueAtStart: task.dueAt,
    dueAt,
    wakeAt: dueAt === undefined ? undefined : wakeTime(engine, dueAt, now),
  };
}
