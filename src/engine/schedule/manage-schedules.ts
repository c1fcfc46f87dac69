// What people do to schedules from outside: find, create, change, pause, delete, run now.
import type { Engine } from '../engine.ts';
import { enqueueOne } from '../enqueue.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError, type Issue, issuesOf } from '../errors.ts';
import type { Receipt } from '../receipt.ts';
import {
  deleteScheduleRow,
  getSchedule,
  insertSchedule,
  listSchedules,
  NEVER,
  nextFiringAt,
  type Schedule,
  type SchedulePage,
  updateSchedule,
} from '../store/schedules.ts';
import { nextTime, nextTimes, type ScheduleEntry, ScheduleTimes } from './entry.ts';
import { syncCode } from './in-code.ts';

/** A page of the schedules, by name: the code's and the API's. */
export async function findSchedules(engine: Engine, page: SchedulePage): Promise<Schedule[]> {
  return listSchedules(engine, await syncCode(engine), page);
}

/** How late the schedule is that is due for the longest time, in milliseconds; 0 when none is due. */
export async function scheduleLateness(engine: Engine): Promise<number> {
  const nextAt = await nextFiringAt(engine, await syncCode(engine));
  return Math.max(0, engine.clock.now() - (nextAt ?? engine.clock.now()));
}

/** Throws EngineError `schedule_not_found`. */
export async function findSchedule(engine: Engine, name: string): Promise<Schedule> {
  const inCode = await syncCode(engine);
  const schedule = await getSchedule(engine, name);
  if (!schedule || (schedule.source === 'code' && !inCode.includes(name)))
    throw new EngineError('schedule_not_found', `no schedule is named "${name}"`);
  return schedule;
}

/** A schedule's fields, as a caller gives them. */
export type ScheduleRequest = { task: string; input?: unknown } & Record<string, unknown>;

/** Throws EngineError `schedule_exists`, `unknown_task`, `invalid_schedule`. */
export async function createSchedule(engine: Engine, name: string, request: ScheduleRequest): Promise<Schedule> {
  const inCode = await syncCode(engine);
  const entry = readEntry(engine, request);
  const now = engine.clock.now();
  const nextAt = nextTime(entry, now, now) ?? NEVER;
  if (inCode.includes(name) || !(await insertSchedule(engine, { name, entry, nextAt })))
    throw new EngineError('schedule_exists', `a schedule is named "${name}" already`);
  return findSchedule(engine, name);
}

/**
 * Changes the given fields. A paused schedule does not fire, and resumes with the next time to come. Of a schedule in code
 * only `paused` may be changed. Throws EngineError `schedule_not_found`, `schedule_in_code`, `unknown_task`, `invalid_schedule`.
 */
export async function changeSchedule(
  engine: Engine,
  name: string,
  { paused, ...changes }: { paused?: boolean | undefined; task?: string | undefined } & Record<string, unknown>,
): Promise<Schedule> {
  const schedule = await findSchedule(engine, name);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (given.length > 0) refuseInCode(schedule, 'only be paused and resumed');
  const base: ScheduleRequest = { ...schedule.entry };
  if (changes.cron !== undefined) delete base.every;
  if (changes.every !== undefined) delete base.cron;
  const entry = given.length > 0 ? readEntry(engine, { ...base, ...Object.fromEntries(given) }) : undefined;
  const resumed = schedule.paused && paused === false;
  const now = engine.clock.now();
  const nextAt = entry || resumed ? (nextTime(entry ?? schedule.entry, now, schedule.createdAt) ?? NEVER) : undefined;
  await updateSchedule(engine, name, { entry, paused, nextAt });
  return findSchedule(engine, name);
}

/** Throws EngineError `schedule_not_found`, `schedule_in_code`. */
export async function deleteSchedule(engine: Engine, name: string): Promise<void> {
  refuseInCode(await findSchedule(engine, name), 'be paused, but not deleted');
  await deleteScheduleRow(engine, name);
}

/** Enqueues its task now; its times stay as they are. Throws EngineError `schedule_not_found`, `unknown_task`, and as `enqueue` does. */
export async function runSchedule(engine: Engine, name: string, options: EnqueueOptions = {}): Promise<Receipt> {
  const { entry } = await findSchedule(engine, name);
  const definition = engine.registry.get(entry.task);
  if (!definition) throw new EngineError('unknown_task', `no task is named "${entry.task}" in this deployment`);
  return enqueueOne(engine, { definition, input: entry.input, options });
}

/** Its next times, epoch milliseconds. Throws EngineError `schedule_not_found`. */
export async function comingTimes(engine: Engine, name: string, count: number): Promise<number[]> {
  const { entry, createdAt } = await findSchedule(engine, name);
  return nextTimes(entry, engine.clock.now(), createdAt, count);
}

function refuseInCode({ name, source }: Schedule, but: string): void {
  if (source === 'code') throw new EngineError('schedule_in_code', `"${name}" stands in code; here it can ${but}`);
}

function readEntry(engine: Engine, { task, input = {}, ...times }: ScheduleRequest): ScheduleEntry {
  const definition = engine.registry.get(task);
  const near = engine.registry.nearest(task)[0];
  if (!definition)
    throw new EngineError('unknown_task', `no task is named "${task}"${near ? `; did you mean "${near}"?` : ''}`);
  const read = ScheduleTimes.safeParse(times);
  const fits = definition.input.safeParse(JSON.parse(JSON.stringify(input)));
  const issues: Issue[] = [...issuesOf(read.error), ...issuesOf(fits.error, 'input')];
  if (!read.success || issues.length > 0)
    throw new EngineError('invalid_schedule', 'the schedule is not valid', issues);
  return { task, input, ...read.data };
}
