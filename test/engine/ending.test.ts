// The state of a task after its attempt threw.
import { describe, expect, it } from 'vitest';
import { PermanentFailure, RetryRequest, Snooze } from '../../src/engine/control.ts';
import { endingOf, OutOfTime, safeEndingOf, TimeoutError } from '../../src/engine/ending.ts';
import type { Handler } from '../../src/engine/handler.ts';
import { aClaimedTask } from '../support/dying.ts';
import { makeEngine } from '../support/engine.ts';

const handler: Handler = { run: () => null, shouldRetry: () => true, backoff: (retry) => 10 + retry };
const engine = await makeEngine([]);
const end = (thrown: unknown, task = aClaimedTask(), by: Handler | undefined = handler) =>
  endingOf(engine, task, by, thrown);

describe('after an error', () => {
  it('a task is retried as often as it may, with the backoff of that retry', () => {
    const endings = [1, 2, 3, 4].map((attempt) => end(new Error('x'), aClaimedTask({ attempt, maxRetries: 3 })));
    expect(endings.map(({ state }) => state)).toEqual(['RETRY', 'RETRY', 'RETRY', 'FAILURE']);
    expect(endings.slice(0, 3).map((ending) => 'delaySeconds' in ending && ending.delaySeconds)).toEqual([10, 11, 12]);
  });

  it('crashes do not use up retries', () => {
    const task = aClaimedTask({ attempt: 3, crashes: 2, maxRetries: 1 });
    expect(end(new Error('x'), task)).toMatchObject({ state: 'RETRY', outcome: 'RETRY', delaySeconds: 10 });
  });

  it('the policy of the definition decides whether to retry', () => {
    expect(end(new Error('x'), aClaimedTask(), { ...handler, shouldRetry: () => false }).state).toBe('FAILURE');
  });

  it('the delay that the error asks for wins over the backoff', () => {
    expect(end(Object.assign(new Error('busy'), { retryAfterSeconds: 42 }))).toMatchObject({ delaySeconds: 42 });
  });

  it('its class, message, code and traceback are kept, cut to size', () => {
    const error = { code: 'error', type: 'TypeError', message: 'x'.repeat(2048), traceback: expect.any(String) };
    expect(end(new TypeError('x'.repeat(9000)), aClaimedTask({ maxRetries: 0 }))).toEqual({
      state: 'FAILURE',
      error,
    });
    expect(end(new TimeoutError('late'))).toMatchObject({ error: { code: 'timeout' } });
  });

  it('what is thrown need not be an Error', () => {
    expect(end('text')).toMatchObject({ state: 'RETRY', error: { code: 'error', type: 'Error', message: 'text' } });
    expect(end(undefined)).toMatchObject({ error: { message: 'undefined' } });
  });
});

describe('a task that asks', () => {
  it('for a retry gets one, also where the policy would not, but not more than it may have', () => {
    const never = { ...handler, shouldRetry: () => false };
    const asked = new RetryRequest(7);
    expect(end(asked, aClaimedTask(), never)).toMatchObject({ state: 'RETRY', outcome: 'RETRY', delaySeconds: 7 });
    expect(end(new RetryRequest(), aClaimedTask(), never)).toMatchObject({ delaySeconds: 10 });
    expect(end(asked, aClaimedTask({ maxRetries: 0 }), never).state).toBe('FAILURE');
  });

  it('for a snooze gets it, also with no retry left', () => {
    const task = aClaimedTask({ attempt: 9, maxRetries: 0 });
    const again = { state: 'RETRY', outcome: 'SNOOZED', delaySeconds: 11 };
    expect(end(new Snooze(11), task)).toEqual({ ...again, reason: { code: 'snoozed', message: 'snoozed for 11 s' } });
    expect(end(new Snooze(11, 'no report yet'), task)).toMatchObject({ reason: { message: 'no report yet' } });
  });

  it('for a permanent failure fails at once, with its code', () => {
    const failed = { state: 'FAILURE', error: { code: 'no_address', type: 'PermanentFailure', message: 'no' } };
    expect(end(new PermanentFailure('no', 'no_address'))).toMatchObject(failed);
  });
});

it('a task that had to stop with its invocation runs again at once, and uses up no retry', () => {
  const task = aClaimedTask({ attempt: 9, maxRetries: 0 });
  const reason = { code: 'queue', of: task.queue, message: 'over; the task goes on in its queue' };
  expect(end(new OutOfTime('over'), task)).toEqual({ state: 'RETRY', outcome: 'SNOOZED', delaySeconds: 0, reason });
});

it('a policy that throws ends its task, and says so', () => {
  const broken = {
    ...handler,
    backoff: () => {
      throw new Error('no such rule');
    },
  };
  expect(safeEndingOf(engine, aClaimedTask(), broken, new Error('x'))).toMatchObject({
    state: 'FAILURE',
    error: { message: 'the retry policy threw: no such rule' },
  });
});

it('a PermanentFailure keeps its code and cause', () => {
  const cause = new Error('why');
  const failure = new PermanentFailure('what', 'some_code', { cause });
  expect([failure.message, failure.code, failure.cause]).toEqual(['what', 'some_code', cause]);
});
