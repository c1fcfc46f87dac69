// Steps that wait: for a time, an event, a person. The attempt ends meanwhile.
import type { z } from 'zod';
import { PermanentFailure } from '../control.ts';
import { issuesOf } from '../errors.ts';
import { eventFaults } from '../events/event.ts';
import { checkOut } from '../payloads.ts';
import { readEvent } from '../store/events.ts';
import type { SnoozeReason } from '../task.ts';
import { type Duration, toMs } from './duration.ts';
import { StepTimeout } from './errors.ts';
import { labelOf } from './history.ts';
import type { EventWait, RecordedStep, StepEvent, StepName } from './step.ts';
import { type Asked, type Detail, Parked, parkedForGood, type StepRun } from './step-run.ts';

const DEFAULT_EVENT_TIMEOUT: Duration = '24 hours';

/** `until`: given the time when the step began. */
export function sleep(run: StepRun, name: string, until: (startedAt: number, step: StepName) => number): Promise<void> {
  return run.during(async () => {
    const asked = await run.ask(name, 'sleep');
    if (!asked.earlier && run.isUndoing) return parkedForGood(name);
    const startedAt = run.engine.clock.now();
    const end = asked.earlier?.until ?? endOfSleep(until(startedAt, asked.step), startedAt, asked.step);
    if (!asked.earlier) await run.record(asked, { outcome: 'open', startedAt, until: end });
    if (end <= run.now) return undefined;
    if (run.isUndoing) return parkedForGood(name);
    return new Parked(end, { code: 'sleep', of: name, message: `sleeps until ${new Date(end).toISOString()}` });
  });
}

function endOfSleep(until: number, now: number, step: StepName): number {
  if (!Number.isFinite(until))
    throw new PermanentFailure(`the time of step ${labelOf(step)} is not a valid date`, 'invalid_step');
  return now + spanOf(step, Math.max(0, until - now));
}

/** Milliseconds. Throws PermanentFailure `invalid_step`. */
export function spanOf(step: StepName, duration: Duration): number {
  try {
    return toMs(duration);
  } catch (error) {
    throw new PermanentFailure(`step ${labelOf(step)}: ${(error as Error).message}`, 'invalid_step');
  }
}

export function waitForEvent<Schema extends z.ZodType>(
  run: StepRun,
  name: string,
  { type, key = '', timeout = DEFAULT_EVENT_TIMEOUT, since, schema }: EventWait<Schema>,
): Promise<StepEvent<z.output<Schema>>> {
  return run.during(async () => {
    const asked = await run.ask(name, 'event');
    if (!asked.earlier && run.isUndoing) return parkedForGood(name);
    const startedAt = run.engine.clock.now();
    const from = since === undefined ? undefined : Number(since);
    refuseEndless(asked.step, type, key, from);
    const begun =
      asked.earlier ??
      (await beginWait(run, asked, {
        ...{ outcome: 'open', startedAt, until: startedAt + spanOf(asked.step, timeout) },
        waitsFor: { type, key, since: from },
      }));
    const ended = await endOfWait(run, asked, begun, {
      ...{ code: 'event', of: key === '' ? type : `${type} ${key}`, message: `waits for the event ${type}` },
    });
    return ended instanceof Parked ? ended : eventOf(run, asked.step, ended.eventId, schema);
  });
}

/** No event could ever end such a wait. Throws PermanentFailure `invalid_step`. */
function refuseEndless(step: StepName, type: string, key: string, since: number | undefined): void {
  const fault = eventFaults({ type, key: key === '' ? undefined : key })[0];
  const message = fault
    ? `${fault.path} ${fault.message}`
    : since === undefined || Number.isFinite(since)
      ? undefined
      : 'since is not a valid date';
  if (message) throw new PermanentFailure(`step ${labelOf(step)}: ${message}`, 'invalid_step');
}

/** What is known of a wait. */
export type Wait = Pick<RecordedStep, 'outcome' | 'startedAt' | 'until'> & Partial<RecordedStep>;

/** Records a wait that begins. */
export async function beginWait(run: StepRun, asked: Asked, detail: Detail & { until: number }): Promise<Wait> {
  const { eventId, other } = await run.record(asked, detail);
  if (other) return other;
  return eventId === undefined ? detail : { ...detail, outcome: 'done', eventId };
}

/** The end of a wait; parked while it is open. Throws StepTimeout. */
export async function endOfWait(run: StepRun, asked: Asked, wait: Wait, reason: SnoozeReason): Promise<Wait | Parked> {
  const { until = Number.POSITIVE_INFINITY } = wait;
  const isOver = wait.outcome === 'open' && until <= run.now && !run.isUndoing;
  const ended = isOver ? await timeOut(run, asked, wait) : wait;
  if (ended.outcome === 'timed_out') throw new StepTimeout(`nothing ended the wait ${labelOf(asked.step)} in time`);
  if (ended.outcome === 'done') return ended;
  return run.isUndoing ? parkedForGood(asked.step.name) : new Parked(until, reason, asked.step);
}

/** Records that the wait is over, unless something has ended it in this moment. Returns what is recorded now. */
async function timeOut(run: StepRun, asked: Asked, { startedAt }: Wait): Promise<Wait> {
  const detail = { outcome: 'timed_out' as const, startedAt, endedAt: run.engine.clock.now(), until: undefined };
  const { other } = await run.record(asked, detail);
  return other ?? detail;
}

/** Throws PermanentFailure `invalid_event`. */
async function eventOf<Schema extends z.ZodType>(
  run: StepRun,
  step: StepName,
  eventId: string | undefined,
  schema: Schema | undefined,
): Promise<StepEvent<z.output<Schema>>> {
  const event = eventId === undefined ? undefined : await readEvent(run.engine, eventId);
  if (!event) throw new Error(`the event of step ${labelOf(step)} is gone`);
  const payload: unknown = JSON.parse(await checkOut(run.engine, event.payload));
  const parsed = schema?.safeParse(payload);
  if (parsed && !parsed.success) {
    const [fault] = issuesOf(parsed.error, 'payload');
    const message = `the event ${event.id} does not fit step ${labelOf(step)}: ${fault?.path} ${fault?.message}`;
    throw new PermanentFailure(message, 'invalid_event');
  }
  const value = (parsed ? parsed.data : payload) as z.output<Schema>;
  const key = event.key === '' ? undefined : event.key;
  return { id: event.id, type: event.type, key, payload: value, at: new Date(event.at) };
}
