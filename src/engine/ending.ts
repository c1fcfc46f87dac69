// The end of an attempt → the state of its task. Pure, except for the random number of a backoff.

import type { ClaimedTask } from './claimed-task.ts';
import { PermanentFailure, RetryRequest, Snooze } from './control.ts';
import type { Engine } from './engine.ts';
import type { Handler } from './handler.ts';
import { nextDelay } from './retry.ts';
import type { StepName } from './steps/step.ts';
import type { Payload, SnoozeReason, TaskError } from './task.ts';

/** A reason to abort a signal: the task is no longer held here, so it must not be settled. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** A reason to abort a signal: the invocation must end before the task has. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** A reason to abort a signal: only steps that wait are left, so the task goes on in another attempt. */
export class Suspended extends Error {
  override readonly name = 'Suspended';

  constructor(
    /** Epoch milliseconds. */
    readonly until: number,
    readonly reason: SnoozeReason,
    /** The waits that an event or a person may end earlier. */
    readonly waits: readonly StepName[],
  ) {
    super(reason.message);
  }
}

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** Why a task that has not started in time is REVOKED. */
export const EXPIRED: TaskError = { code: 'expired', type: 'Expired', message: 'expired before it was started' };

/** Why a task whose definition has a deadline is FAILURE. */
export const DEADLINE: TaskError = {
  code: 'deadline',
  type: 'DeadlineExceeded',
  message: 'not finished within the deadline of its definition',
};

const MAX_TRACEBACK_CHARACTERS = 8_192;
/** Limit of an error's message, and of a log line. */
export const MAX_MESSAGE_CHARACTERS = 2_048;
/** A name that this deployment does not know may be known to the next one, or to another. */
export const UNKNOWN_TASK_DELAY_SECONDS = 60;

export type Ending =
  | { state: 'SUCCESS'; result: Payload }
  | { state: 'FAILURE' | 'REVOKED'; error: TaskError }
  | { state: 'RETRY'; outcome: 'RETRY'; delaySeconds: number; error: TaskError }
  | {
      state: 'RETRY';
      outcome: 'SNOOZED';
      delaySeconds: number;
      reason: SnoozeReason;
      error?: TaskError;
      waits?: readonly StepName[];
    };

/** The ending of an attempt that does not count. The task is due again in `delaySeconds`. */
export function snoozed(reason: SnoozeReason, delaySeconds = 0): Extract<Ending, { outcome: 'SNOOZED' }> {
  return { state: 'RETRY', outcome: 'SNOOZED', delaySeconds, reason };
}

/** The ending after an error. `handler`: undefined when this deployment does not know the definition. */
export function endingOf(
  engine: Engine,
  task: ClaimedTask,
  handler: Handler | undefined,
  thrown: unknown,
  code = codeOf(thrown),
): Ending {
  if (thrown instanceof Snooze) {
    const { seconds, cause } = thrown;
    const error = cause === undefined ? undefined : describeError(cause, codeOf(cause));
    return { ...snoozed(reasonOf(thrown), seconds), ...(error && { error }) };
  }
  if (thrown instanceof Suspended) {
    const delaySeconds = Math.max(0, thrown.until - engine.clock.now()) / 1000;
    return { ...snoozed(thrown.reason, delaySeconds), waits: thrown.waits };
  }
  if (thrown instanceof OutOfTime)
    return snoozed({ code: 'queue', of: task.queue, message: `${thrown.message}; the task goes on in its queue` });
  const error = describeError(thrown, code);
  const retries = task.attempt - 1 - task.crashes;
  const permanent = thrown instanceof PermanentFailure;
  const isWorthIt = thrown instanceof RetryRequest || handler?.shouldRetry(thrown) === true;
  if (permanent || !isWorthIt || retries >= task.maxRetries) return { state: 'FAILURE', error };
  const backoff = handler?.backoff ?? (() => UNKNOWN_TASK_DELAY_SECONDS);
  const delaySeconds = nextDelay(backoff, Math.max(0, retries), thrown, () => engine.random());
  return { state: 'RETRY', outcome: 'RETRY', delaySeconds, error };
}

/** The same, but a `retryOn`, `failOn` or `backoff` that throws ends the task: that is a fault of its author. */
export function safeEndingOf(engine: Engine, task: ClaimedTask, handler: Handler, thrown: unknown): Ending {
  try {
    return endingOf(engine, task, handler, thrown);
  } catch (fault) {
    const message = `the retry policy threw: ${fault instanceof Error ? fault.message : 'no error'}`;
    return { state: 'FAILURE', error: { code: 'error', type: 'Error', message } };
  }
}

function reasonOf({ dependency, message }: Snooze): SnoozeReason {
  const about = { message: message.slice(0, MAX_MESSAGE_CHARACTERS) };
  return dependency === undefined ? { code: 'snoozed', ...about } : { code: 'circuit', of: dependency, ...about };
}

/** An error as it is kept. */
export function describeError(thrown: unknown, code: string): TaskError {
  if (!(thrown instanceof Error))
    return { code, type: 'Error', message: String(thrown).slice(0, MAX_MESSAGE_CHARACTERS) };
  const message = thrown.message.slice(0, MAX_MESSAGE_CHARACTERS);
  const traceback = thrown.stack?.slice(0, MAX_TRACEBACK_CHARACTERS);
  return { code, type: thrown.name, message, ...(traceback !== undefined && { traceback }) };
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof PermanentFailure) return thrown.code;
  return thrown instanceof TimeoutError ? 'timeout' : 'error';
}
