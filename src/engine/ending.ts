// What the end of an attempt means for its task: pure, but for the random number of a backoff.
import { PermanentFailure, RetryRequest, Snooze } from './control.ts';
import type { Engine } from './engine.ts';
import { nextDelay } from './retry.ts';
import type { ClaimedTask } from './store/claim-tasks.ts';
import type { Payload, TaskError } from './store/rows.ts';
import type { AnyDefinition } from './task.ts';

/** Why a signal was aborted. `Lost`: the task is no longer ours, so nothing may be settled. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** The invocation must end before the task did. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

const MAX_TRACEBACK_CHARACTERS = 8_192;
/** Of an error's message, and of a log line. */
export const MAX_MESSAGE_CHARACTERS = 2_048;
/** A name this deployment does not know may be one that the next, or another, does. */
export const UNKNOWN_TASK_DELAY_SECONDS = 60;

export type Ending =
  | { state: 'SUCCESS'; result: Payload }
  | { state: 'FAILURE' | 'REVOKED'; error: TaskError }
  | { state: 'RETRY'; outcome: 'RETRY' | 'SNOOZED'; delaySeconds: number; error?: TaskError };

/** What an error means for the task. */
export function endingOf(
  engine: Engine,
  task: ClaimedTask,
  definition: AnyDefinition | undefined,
  thrown: unknown,
  code = codeOf(thrown),
): Ending {
  if (thrown instanceof Snooze) {
    const { seconds, cause } = thrown;
    const error = cause === undefined ? undefined : describeError(cause, codeOf(cause));
    return { state: 'RETRY', outcome: 'SNOOZED', delaySeconds: seconds, ...(error && { error }) };
  }
  if (thrown instanceof OutOfTime) return { state: 'RETRY', outcome: 'SNOOZED', delaySeconds: 0 };
  const error = describeError(thrown, code);
  const retries = task.attempt - 1 - task.crashes;
  const permanent = thrown instanceof PermanentFailure;
  const worthIt = thrown instanceof RetryRequest || definition?.shouldRetry(thrown) === true;
  if (permanent || !worthIt || retries >= task.maxRetries) return { state: 'FAILURE', error };
  const backoff = definition?.backoff ?? (() => UNKNOWN_TASK_DELAY_SECONDS);
  const delaySeconds = nextDelay(backoff, Math.max(0, retries), thrown, () => engine.random());
  return { state: 'RETRY', outcome: 'RETRY', delaySeconds, error };
}

/** The same where a task's own `retryOn`, `failOn` or `backoff` throws: that is a fault of its author, and ends the task. */
export function safeEndingOf(engine: Engine, task: ClaimedTask, definition: AnyDefinition, thrown: unknown): Ending {
  try {
    return endingOf(engine, task, definition, thrown);
  } catch (fault) {
    const message = `the retry policy threw: ${fault instanceof Error ? fault.message : 'no error'}`;
    return { state: 'FAILURE', error: { code: 'error', type: 'Error', message } };
  }
}

function describeError(thrown: unknown, code: string): TaskError {
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
