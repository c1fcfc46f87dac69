// step.do: runs the body once, and records what it returned.
import { PermanentFailure, RetryRequest, Snooze } from '../control.ts';
import { describeError, Lost } from '../ending.ts';
import { checkIn, exceeds } from '../payloads.ts';
import type { Payload, TaskError } from '../task.ts';
import { toJson } from '../to-json.ts';
import { toMs } from './duration.ts';
import { StepFailed } from './errors.ts';
import { labelOf } from './history.ts';
import { runBody, type StepBody } from './run-body.ts';
import type { StepHow, StepName } from './step.ts';
import { type Asked, nextInvocation, Parked, parkedForGood, type StepRun } from './step-run.ts';
import type { Undos } from './undo.ts';
import { spanOf } from './waits.ts';

/** A longer pause before the next try ends the attempt. */
const MAX_PAUSE_MS = 5000;
const MAX_TRY_PAUSE_MS = 86_400_000;

export function doStep(run: StepRun, undos: Undos, name: string, options: StepHow, body: StepBody): Promise<unknown> {
  return run.during(async () => {
    const asked = await run.ask(name, 'do');
    refuseOptions(asked.step, options);
    const { earlier } = asked;
    if (earlier?.outcome === 'done') {
      const result = await run.history.resultOf(earlier);
      undos.offer(earlier, options, result);
      return result;
    }
    if (earlier?.outcome === 'failed') throw new StepFailed(earlier.error);
    if (run.isUndoing) return parkedForGood(name);
    if (earlier?.until !== undefined && earlier.until > run.now) return parkedUntil(earlier.until, name);
    return run.mayBegin ? tryBody(run, asked, options, body) : nextInvocation(run);
  });
}

function parkedUntil(until: number, name: string): Parked {
  return new Parked(until, { code: 'step', of: name, message: `the step ${name} waits for its next try` });
}

/** A fault that would show only when the body fails. Throws PermanentFailure `invalid_step`. */
function refuseOptions(step: StepName, { retries, timeout }: StepHow): void {
  if (timeout !== undefined) spanOf(step, timeout);
  if (!retries) return;
  spanOf(step, retries.delay);
  if (retries.limit >= 0) return;
  throw new PermanentFailure(
    `step ${labelOf(step)}: retries.limit must be 0 or more, not ${retries.limit}`,
    'invalid_step',
  );
}

async function tryBody(run: StepRun, asked: Asked, options: StepHow, body: StepBody): Promise<unknown> {
  const { clock } = run.engine;
  for (let tries = (asked.earlier?.tries ?? 0) + 1; ; tries++) {
    const startedAt = clock.now();
    let payload: { payload: Payload; value: unknown };
    try {
      payload = await resultOf(run, asked, await runBody(run, asked.step, options, body, tries));
    } catch (error) {
      if (isControl(error)) throw error;
      const failure = { error: describeError(error, 'error'), startedAt, tries };
      const pauseMs = pauseBefore(options, error, tries);
      if (pauseMs === undefined) {
        run.fail(asked, failure);
        throw error;
      }
      if (pauseMs > MAX_PAUSE_MS) return parkForRetry(run, asked, failure, clock.now() + pauseMs);
      await clock.wait(pauseMs);
      continue;
    }
    const hasUndo = options.undo !== undefined;
    const endedAt = clock.now();
    await run.record(asked, { outcome: 'done', startedAt, endedAt, result: payload.payload, tries, hasUndo });
    return payload.value;
  }
}

/** These steer the attempt, and are no fault of the step. */
function isControl(error: unknown): boolean {
  return error instanceof Lost || error instanceof Snooze || error instanceof RetryRequest;
}

async function parkForRetry(
  run: StepRun,
  asked: Asked,
  failure: { error: TaskError; startedAt: number; tries: number },
  until: number,
): Promise<Parked> {
  await run.record(asked, { outcome: 'open', until, ...failure });
  return parkedUntil(until, asked.step.name);
}

/** Milliseconds until the next try; undefined: there is none. */
function pauseBefore({ retries }: StepHow, error: unknown, tries: number): number | undefined {
  if (!retries || error instanceof PermanentFailure || tries > retries.limit) return undefined;
  const { delay, backoff = 'exponential' } = retries;
  const factor = { constant: 1, linear: tries, exponential: 2 ** (tries - 1) }[backoff];
  return Math.min(MAX_TRY_PAUSE_MS, toMs(delay) * factor);
}

/** The value as JSON gives it back, and where it is kept. Throws PermanentFailure. */
async function resultOf(
  run: StepRun,
  { step }: Asked,
  returned: unknown,
): Promise<{ payload: Payload; value: unknown }> {
  const { engine, running } = run;
  let json: string;
  try {
    json = toJson(returned, 'result');
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it cannot be written as JSON';
    throw new PermanentFailure(`the result of step ${labelOf(step)} does not fit: ${message}`, 'invalid_output');
  }
  if (exceeds(json, engine.settings.maxPayloadBytes)) {
    const limit = `${engine.settings.maxPayloadBytes} bytes`;
    const message = `the result of step ${labelOf(step)} is larger than ${limit}; write it to a file instead`;
    throw new PermanentFailure(message, 'result_too_large');
  }
  // A runner that lost the task must not write over what a later attempt has recorded.
  const slot = `step-${running.task.fence}-${await slotOf(step.name)}-${step.occurrence}`;
  return { payload: await checkIn(engine, running.task.id, slot, json), value: JSON.parse(json) };
}

/** A name may hold any character, and a payload key may not. */
async function slotOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
  return Buffer.from(digest).toString('hex').slice(0, 32);
}
