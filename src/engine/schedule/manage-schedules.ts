// What people do to schedules from outside: find, create, change, pause, delete, run now.
import { accept } from '../accept.ts';
import { hashInput, idempotencyKeyOf } from '../dedupe-keys.ts';
import type { Engine } from '../engine.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError, type Issue, issuesOf } from '../errors.ts';
import { validateRequests } from '../prepare-tasks.ts';
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
import { enqueueWorkflow } from '../workflow/enqueue-workflow.ts';
import { pathOf } from '../workflow/plan-workflow.ts';
import {
  nextTime,
  nextTimes,
  type ScheduledWorkflow,
  type ScheduleEntry,
  ScheduleTimes,
  SWEEP_SECONDS,
} from './entry.ts';
import { fillTimes } from './fill-times.ts';
import { type Fires, nodesOf, planScheduled, requestOf } from './firing.ts';
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

/** A schedule's fields, as a caller gives them: either `task` or `workflow`, and the times. */
export type ScheduleRequest = Pick<ScheduleEntry, 'task' | 'input' | 'workflow'> & Record<string, unknown>;

/** Throws EngineError `schedule_exists`, `unknown_task`, `invalid_schedule`. */
export async function createSchedule(engine: Engine, name: string, request: ScheduleRequest): Promise<Schedule> {
  const inCode = await syncCode(engine);
  const entry = await readEntry(engine, name, request);
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
  { paused, ...changes }: { paused?: boolean | undefined } & ScheduleRequest,
): Promise<Schedule> {
  const schedule = await findSchedule(engine, name);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (given.length > 0) refuseInCode(schedule, 'only be paused and resumed');
  const base: ScheduleRequest = { ...schedule.entry };
  if (changes.cron !== undefined) delete base.every;
  if (changes.every !== undefined) delete base.cron;
  if (changes.task !== undefined) delete base.workflow;
  if (changes.workflow !== undefined) for (const field of ['task', 'input']) delete base[field];
  const entry = given.length > 0 ? await readEntry(engine, name, { ...base, ...Object.fromEntries(given) }) : undefined;
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

/**
 * Enqueues its task or workflow now, as if now were its time; its times stay as they are. Returns the task, or the task whose result
 * is the workflow's. Throws EngineError `schedule_not_found`, `unknown_task`, and as `enqueue` and `enqueueWorkflow` do.
 */
export async function runSchedule(engine: Engine, name: string, options: EnqueueOptions = {}): Promise<Receipt> {
  const { entry } = await findSchedule(engine, name);
  const at = engine.clock.now();
  if (!entry.workflow) return runTask(engine, { name, entry }, at, options);
  const { root, onError } = nodesOf(engine, entry.workflow, { at, timezone: entry.timezone });
  const { tags } = entry.workflow;
  const { idempotencyKey } = options;
  const own = { onError, name: entry.workflow.name ?? name, tags, idempotencyKey, content: [name, entry.workflow] };
  const { resultTaskId, duplicate, since } = await enqueueWorkflow(engine, root, own);
  return { taskId: resultTaskId, duplicate, ...(since !== undefined && { since }) };
}

/** The idempotency key stands for what the schedule says, so that a repeat is one although its input names another time. */
async function runTask(
  engine: Engine,
  { name, entry }: Fires,
  at: number,
  { idempotencyKey, ...options }: EnqueueOptions,
): Promise<Receipt> {
  const hash = await hashInput('schedule', [name, entry.task, entry.input]);
  const keys = idempotencyKey === undefined ? [] : [idempotencyKeyOf(idempotencyKey, hash, at)];
  const [receipt] = await accept(engine, [{ ...requestOf(engine, entry, at), options }], {
    change: (tasks) => tasks.map((task) => ({ ...task, dedupeKeys: [...keys, ...task.dedupeKeys] })),
  });
  if (!receipt) throw new Error('A task was accepted without a receipt.');
  return receipt;
}

/** Its next times, epoch milliseconds. Throws EngineError `schedule_not_found`. */
export async function comingTimes(engine: Engine, name: string, count: number): Promise<number[]> {
  const { entry, createdAt } = await findSchedule(engine, name);
  return nextTimes(entry, engine.clock.now(), createdAt, count);
}

function refuseInCode({ name, source }: Schedule, but: string): void {
  if (source === 'code') throw new EngineError('schedule_in_code', `"${name}" stands in code; here it can ${but}`);
}

/** Characters of a workflow as JSON: the maintenance run reads 500 schedules at a time. */
const MAX_WORKFLOW_CHARACTERS = 50_000;

async function readEntry(engine: Engine, name: string, request: ScheduleRequest): Promise<ScheduleEntry> {
  const { task, input, workflow, ...times } = request;
  const read = ScheduleTimes.safeParse(times);
  const issues: Issue[] = issuesOf(read.error);
  const timezone = read.data?.timezone ?? 'UTC';
  if ((task === undefined) === (workflow === undefined)) {
    issues.push({ path: 'task', message: 'give either task or workflow' });
  } else if (workflow !== undefined && input !== undefined) {
    issues.push({ path: 'input', message: 'each task of the workflow has its own input' });
  } else if (workflow !== undefined) {
    issues.push(...(await workflowIssues(engine, { name, workflow, timezone })));
  } else {
    issues.push(...inputIssues(engine, { task: task ?? '', input, timezone }));
  }
  if (!read.success || issues.length > 0)
    throw new EngineError('invalid_schedule', 'the schedule is not valid', issues);
  return { ...(workflow === undefined ? { task, input: input ?? {} } : { workflow }), ...read.data };
}

/** Throws EngineError `unknown_task`. */
function inputIssues(
  engine: Engine,
  { task, input = {}, timezone }: { task: string; input: unknown; timezone: string },
): Issue[] {
  const definition = engine.registry.get(task);
  const near = engine.registry.nearest(task)[0];
  if (!definition)
    throw new EngineError('unknown_task', `no task is named "${task}"${near ? `; did you mean "${near}"?` : ''}`);
  const given = fillTimes(JSON.parse(JSON.stringify(input)), engine.clock.now(), safeZone(timezone));
  return issuesOf(definition.input.safeParse(given).error, 'input');
}

/** Throws EngineError `unknown_task`, `input_too_large`. */
async function workflowIssues(
  engine: Engine,
  { name, workflow, timezone }: { name: string; workflow: ScheduledWorkflow; timezone: string },
): Promise<Issue[]> {
  if (JSON.stringify([workflow.root, workflow.onError]).length > MAX_WORKFLOW_CHARACTERS) {
    const limit = MAX_WORKFLOW_CHARACTERS.toLocaleString('en');
    return [{ path: 'workflow', message: `a workflow of a schedule has at most ${limit} characters as JSON` }];
  }
  try {
    const now = engine.clock.now();
    const entry = { ...ScheduleTimes.parse({ every: SWEEP_SECONDS }), timezone: safeZone(timezone) };
    const planned = await planScheduled(engine, { name, entry }, workflow, now);
    validateRequests(engine, planned.requests, pathOf(planned), now);
    return [];
  } catch (error) {
    if (error instanceof EngineError && error.issues.length > 0) return error.issues;
    throw error;
  }
}

/** The zone itself, if the schema has not refused it. */
function safeZone(timezone: string): string {
  return ScheduleTimes.safeParse({ every: SWEEP_SECONDS, timezone }).success ? timezone : 'UTC';
}
