// Fires the times of a schedule that have passed without firing. What has fired at a time, regularly or by another backfill, is not
// enqueued again.
import { acceptPrepared } from '../accept.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { refuseBacklog } from '../limits/backlog.ts';
import { findFirings, recordFirings } from '../store/firings.ts';
import type { Schedule } from '../store/schedules.ts';
import { queriesSoFar } from '../store/usage.ts';
import type { Backfilled, Report, TimeRange } from './backfilled.ts';
import { nextTime } from './entry.ts';
import { type Fires, fireWorkflow, prepareFiring } from './firing.ts';
import { findSchedule } from './manage-schedules.ts';

/** Times that one backfill covers. */
export const MAX_BACKFILL_TIMES = 10_000;
/** How long it is known when a schedule has fired. */
export const FIRINGS_KEPT_DAYS = 400;

const DAY_MS = 86_400_000;
/** Tasks enqueued in one transaction. */
const PORTION = 500;
/** D1 allows 1,000 queries an invocation, and other tasks of it need some. */
const MAX_QUERIES = 400;

export interface MissedTimes {
  /** The times of the schedule in the range. */
  times: number[];
  /** Those at which it has not fired, in ascending order. */
  missed: number[];
}

/** Throws EngineError `schedule_not_found`, `invalid_backfill`. */
export async function findMissedTimes(engine: Engine, name: string, range: TimeRange): Promise<MissedTimes> {
  return missedOf(engine, await findSchedule(engine, name), range, FIRINGS_KEPT_DAYS);
}

async function missedOf(engine: Engine, schedule: Schedule, range: TimeRange, days: number): Promise<MissedTimes> {
  refuseRange(range, days, engine.clock.now());
  const times = timesIn(schedule, range);
  const fired = await findFirings(engine, schedule.name, times);
  return { times, missed: times.filter((at) => !fired.has(at)) };
}

function refuseRange({ from, to }: TimeRange, days: number, now: number): void {
  const refuse = (path: string, message: string): never => {
    throw new EngineError('invalid_backfill', message, [{ path, message }]);
  };
  if (to > now) refuse('to', 'must not be in the future: the schedule itself fires what is to come');
  if (from > to) refuse('from', 'must not be after `to`');
  if (from < now - days * DAY_MS) {
    refuse('from', `must be in the last ${FIRINGS_KEPT_DAYS} days: what fired before is not known`);
  }
}

function timesIn({ entry, createdAt }: Schedule, { from, to }: TimeRange): number[] {
  const times: number[] = [];
  // The times of `every` count from the time when the schedule was made.
  for (
    let at = nextTime(entry, from - 1, createdAt);
    at !== undefined && at <= to;
    at = nextTime(entry, at, createdAt)
  ) {
    if (times.length === MAX_BACKFILL_TIMES) {
      const most = MAX_BACKFILL_TIMES.toLocaleString('en');
      const message = `there are more than ${most} times in this range: choose a shorter one`;
      throw new EngineError('invalid_backfill', message, [{ path: 'to', message }]);
    }
    times.push(at);
  }
  return times;
}

/**
 * Enqueues what the range has missed, until the queries of an invocation are used up. Repeatable. `report` is called between
 * portions with how many times have been looked at; an error of it ends the backfill. Throws
 * EngineError `schedule_not_found`, `invalid_backfill`, `backlog_full`, and as `enqueue` and `enqueueWorkflow` do.
 */
export async function backfill(engine: Engine, name: string, range: TimeRange, report: Report): Promise<Backfilled> {
  const schedule = await findSchedule(engine, name);
  const { times, missed } = await missedOf(engine, schedule, range, FIRINGS_KEPT_DAYS + 1);
  const queriesBefore = queriesSoFar(engine);
  const size = schedule.entry.workflow ? 1 : PORTION;
  let enqueued = 0;
  for (let start = 0; start < missed.length; start += size) {
    const next = missed[start] ?? range.from;
    report(times.indexOf(next), times.length);
    if (queriesSoFar(engine) - queriesBefore >= MAX_QUERIES) {
      return { enqueued, done: times.indexOf(next), total: times.length, next };
    }
    enqueued += await fireAll(engine, schedule, missed.slice(start, start + size));
  }
  return { enqueued, done: times.length, total: times.length, next: undefined };
}

async function fireAll(engine: Engine, fires: Fires, times: readonly number[]): Promise<number> {
  const { name: schedule, entry } = fires;
  const dueAt = engine.clock.now();
  if (entry.workflow) {
    let enqueued = 0;
    for (const at of times) {
      if (await fireWorkflow(engine, fires, entry.workflow, { at, dueAt })) enqueued++;
    }
    return enqueued;
  }
  const tasks = await Promise.all(times.map((at) => prepareFiring(engine, fires, at, dueAt)));
  await refuseBacklog(engine, tasks);
  const receipts = await acceptPrepared(engine, tasks, {
    after: (batch) =>
      recordFirings(
        batch,
        times.map((at) => ({ schedule, at })),
      ),
    newWhenDue: true,
  });
  return receipts.filter(({ duplicate }) => !duplicate).length;
}
