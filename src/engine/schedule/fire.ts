// Chore: enqueues the tasks and workflows of schedules that are due. They and the schedules' next times are committed together, and
// each firing has a dedupe key of its own, so that a doubled, repeated or overlapping sweep enqueues it once.
import { acceptPrepared } from '../accept.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import { isFinal } from '../state.ts';
import { Batch } from '../store/batch.ts';
import { findKeys } from '../store/dedupe-keys.ts';
import { recordFirings } from '../store/firings.ts';
import { type Fired, findDueSchedules, moveOn, NEVER, type Schedule } from '../store/schedules.ts';
import { queriesSoFar } from '../store/usage.ts';
import { addWorkflows } from '../workflow/plan-workflow.ts';
import { dueTimes, type ScheduledWorkflow, type ScheduleEntry } from './entry.ts';
import { isRepeat, keyOfFiring, type PreparedWorkflow, prepareFiring, prepareWorkflow } from './firing.ts';
import { syncCode } from './in-code.ts';

/** Schedules read together, and the tasks after which what they enqueue is committed. */
const PORTION = 500;
const MAX_TASKS = 2000;
/** D1 allows 1,000 queries an invocation, and the other chores need some. The next sweep goes on. */
const MAX_QUERIES = 500;

/** Fires in portions until no schedule is due, or the queries are used up. Returns the number of tasks and workflows enqueued. */
export async function fireSchedules(engine: Engine): Promise<number> {
  const inCode = await syncCode(engine);
  const now = engine.clock.now();
  const queriesBefore = queriesSoFar(engine);
  let enqueued = 0;
  while (queriesSoFar(engine) - queriesBefore < MAX_QUERIES) {
    const due = await findDueSchedules(engine, inCode, now, PORTION);
    const firings = await prepareFirings(engine, due, now);
    if (firings.length === 0) return enqueued;
    enqueued += await commitApart(engine, firings, now);
  }
  engine.logger.warn('not all schedules that are due have fired; the next sweep goes on', { enqueued });
  return enqueued;
}

/** What a schedule enqueues now, and how it moves on. */
interface Firing {
  schedule: Schedule;
  tasks: NewTask[];
  workflows: PreparedWorkflow[];
  fired: Fired;
  /** The times at which it enqueues tasks or workflows. */
  times: number[];
}

/** The firings of the first of these schedules, up to MAX_TASKS tasks. */
async function prepareFirings(engine: Engine, due: readonly Schedule[], now: number): Promise<Firing[]> {
  const before = await findFired(engine, due, now);
  const firings: Firing[] = [];
  let tasks = 0;
  for (const schedule of due) {
    if (tasks >= MAX_TASKS) break;
    const firing = await fire(engine, schedule, now, before);
    if (firing) firings.push(firing);
    tasks += firing ? sizeOf(firing) : 0;
  }
  return firings;
}

const sizeOf = ({ tasks, workflows }: Firing) =>
  tasks.length + workflows.reduce((sum, workflow) => sum + workflow.tasks.length, 0);

/** The dedupe keys of those firings of workflows that another sweep, or this one, has enqueued: a repeat would abort the commit. */
async function findFired(engine: Engine, due: readonly Schedule[], now: number): Promise<Set<string>> {
  const keys = due
    .filter(({ entry }) => entry.workflow)
    .flatMap(({ name, entry, nextAt, createdAt }) =>
      readable(() => dueTimes(entry, nextAt, now, createdAt).fire).map((at) => keyOfFiring(name, at)),
    );
  if (keys.length === 0) return new Set();
  const batch = new Batch(engine);
  const held = findKeys(batch, keys);
  await batch.commit({ repeatable: true });
  return new Set(held().map(({ key }) => key));
}

/** `fire` says what is wrong with a schedule that cannot be read. */
function readable(times: () => number[]): number[] {
  try {
    return times();
  } catch {
    return [];
  }
}

/**
 * Commits the firings together. If the database refuses one of them, halves them until it is found: the others must not suffer.
 * The halves are prepared anew: a refused commit has deleted their large inputs.
 */
async function commitApart(engine: Engine, firings: readonly Firing[], now: number, again = false): Promise<number> {
  try {
    return await commitFirings(engine, firings);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'store_unavailable') throw error;
    const [first] = firings;
    // Another sweep has enqueued one of these workflows since it was looked for.
    const isLate = isRepeat(error) && !again;
    if (first && firings.length === 1 && !isLate) return commitRefused(engine, first, error);
    const half = isLate ? firings.length : Math.ceil(firings.length / 2);
    let enqueued = 0;
    for (const part of [firings.slice(0, half), firings.slice(half)]) {
      const due = part.map(({ schedule }) => schedule);
      const prepared = await prepareFirings(engine, due, now);
      if (prepared.length > 0) enqueued += await commitApart(engine, prepared, now, isLate);
    }
    return enqueued;
  }
}

/** Commits what is enqueued and the schedules' new times together. Returns the number of tasks and workflows enqueued. */
async function commitFirings(engine: Engine, firings: readonly Firing[]): Promise<number> {
  const workflows = firings.flatMap((firing) => firing.workflows);
  const tasks = [...firings.flatMap((firing) => firing.tasks), ...workflows.flatMap((workflow) => workflow.tasks)];
  const move = (batch: Batch) => {
    moveOn(
      batch,
      firings.map(({ fired }) => fired),
    );
    recordFirings(
      batch,
      firings.flatMap(({ times, fired }) => times.map((at) => ({ schedule: fired.name, at }))),
    );
  };
  if (tasks.length === 0) {
    const batch = new Batch(engine);
    move(batch);
    await batch.commit({ repeatable: true });
    return 0;
  }
  const receipts = await acceptPrepared(engine, tasks, {
    before: (batch) => addWorkflows(batch, engine, workflows),
    after: move,
    newWhenDue: true,
  });
  const single = receipts.slice(0, tasks.length - workflows.reduce((sum, workflow) => sum + workflow.tasks.length, 0));
  return single.filter(({ duplicate }) => !duplicate).length + workflows.length;
}

/** Moves the schedule on without its tasks, and notes why. */
async function commitRefused(engine: Engine, { schedule, fired }: Firing, error: unknown): Promise<number> {
  engine.logger.error('schedule enqueued nothing', { schedule: fired.name, error });
  const none = { schedule, tasks: [], workflows: [], times: [] };
  return commitFirings(engine, [{ ...none, fired: { ...fired, last: undefined, error: messageOf(error) } }]);
}

/** undefined when no time of the schedule is due. A fault of one schedule does not affect another. */
async function fire(
  engine: Engine,
  schedule: Schedule,
  now: number,
  before: ReadonlySet<string>,
): Promise<Firing | undefined> {
  const { name, entry, nextAt, createdAt, lastState } = schedule;
  const fired: Fired = { name, from: nextAt, nextAt: NEVER, last: undefined, error: undefined, skipped: 0 };
  const none = { schedule, tasks: [], workflows: [], times: [] };
  try {
    const { fire: times, next, dropped } = dueTimes(entry, nextAt, now, createdAt);
    if (times.length === 0 && next === nextAt) return undefined;
    fired.nextAt = next ?? NEVER;
    if (entry.overlap === 'skip' && lastState && !isFinal(lastState)) {
      engine.logger.warn('schedule skipped: its last task is unfinished', {
        schedule: name,
        task_id: schedule.lastTaskId,
      });
      return { ...none, fired: { ...fired, skipped: dropped + times.length } };
    }
    // The tasks of several missed times would overlap one another.
    const wanted = entry.overlap === 'skip' ? times.slice(-1) : times;
    fired.skipped = dropped + times.length - wanted.length;
    if (entry.workflow) return await fireWorkflows(engine, { schedule, fired }, entry.workflow, { wanted, before });
    const tasks = await Promise.all(
      wanted.map((at) => prepareFiring(engine, schedule, at, at + jitterMs(engine, entry))),
    );
    const last = tasks.at(-1);
    if (last) fired.last = { at: wanted.at(-1) ?? now, taskId: last.id, keys: last.dedupeKeys.map(({ key }) => key) };
    return { ...none, tasks, times: wanted, fired };
  } catch (error) {
    engine.logger.error('schedule enqueued nothing', { schedule: name, error });
    return { ...none, fired: { ...fired, error: messageOf(error) } };
  }
}

/** The workflows of the times that have not fired before, up to MAX_TASKS tasks. The other times follow with the next portion. */
async function fireWorkflows(
  engine: Engine,
  { schedule, fired }: Pick<Firing, 'schedule' | 'fired'>,
  workflow: ScheduledWorkflow,
  { wanted, before }: { wanted: readonly number[]; before: ReadonlySet<string> },
): Promise<Firing> {
  const { name, entry } = schedule;
  const firing: Firing = { schedule, tasks: [], workflows: [], times: [], fired };
  for (const at of wanted) {
    if (sizeOf(firing) >= MAX_TASKS) {
      fired.nextAt = at;
      break;
    }
    const key = keyOfFiring(name, at);
    firing.times.push(at);
    fired.last = { at, taskId: '', keys: [key] };
    if (before.has(key)) continue;
    const prepared = await prepareWorkflow(engine, schedule, workflow, { at, dueAt: at + jitterMs(engine, entry) });
    fired.last.taskId = prepared.taskId;
    firing.workflows.push(prepared);
  }
  return firing;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function jitterMs(engine: Engine, { jitterSeconds }: ScheduleEntry): number {
  return Math.floor(engine.random() * (jitterSeconds + 1)) * 1000;
}
