// Chore: enqueues the tasks and workflows of schedules that are due. Tasks and the schedules' next times are committed together, and each
// firing has a dedupe key of its own, so that a doubled, repeated or overlapping sweep enqueues it once.
import { acceptPrepared } from '../accept.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import { isFinal } from '../state.ts';
import { Batch } from '../store/batch.ts';
import { recordFirings } from '../store/firings.ts';
import { type Fired, findDueSchedules, moveOn, NEVER, type Schedule } from '../store/schedules.ts';
import { queriesSoFar } from '../store/usage.ts';
import { dueTimes, type ScheduledWorkflow, type ScheduleEntry } from './entry.ts';
import { fireWorkflow, prepareFiring } from './firing.ts';
import { syncCode } from './in-code.ts';

/** Schedules read together, and the tasks after which what they enqueue is committed. */
const PORTION = 500;
const MAX_TASKS = 2000;
/** D1 allows 1,000 queries an invocation, and the other chores need some. The next sweep goes on. */
const MAX_QUERIES = 500;

/** Fires in portions until no schedule is due, or the queries are used up. Returns the number of tasks enqueued. */
export async function fireSchedules(engine: Engine): Promise<number> {
  const inCode = await syncCode(engine);
  const now = engine.clock.now();
  const queriesBefore = queriesSoFar(engine);
  let enqueued = 0;
  while (queriesSoFar(engine) - queriesBefore < MAX_QUERIES) {
    const due = await findDueSchedules(engine, inCode, now, PORTION);
    const firings = await prepareFirings(engine, due, now);
    if (firings.length === 0) return enqueued;
    const ofTasks = firings.filter(({ workflow }) => !workflow);
    if (ofTasks.length > 0) enqueued += await commitApart(engine, ofTasks);
    for (const firing of firings) {
      if (queriesSoFar(engine) - queriesBefore >= MAX_QUERIES) break;
      if (firing.workflow)
        enqueued += await commitWorkflows(engine, firing, () => queriesSoFar(engine) - queriesBefore);
    }
  }
  engine.logger.warn('not all schedules that are due have fired; the next sweep goes on', { enqueued });
  return enqueued;
}

/** The firings of the first of these schedules, up to MAX_TASKS tasks. */
async function prepareFirings(engine: Engine, due: readonly Schedule[], now: number): Promise<Firing[]> {
  const firings: Firing[] = [];
  let tasks = 0;
  for (const schedule of due) {
    if (tasks >= MAX_TASKS) break;
    const firing = await fire(engine, schedule, now);
    if (firing) firings.push(firing);
    tasks += firing?.tasks.length ?? 0;
  }
  return firings;
}

/** Commits the firings together. If the database refuses one of them, halves them until it is found: the others must not suffer. */
async function commitApart(engine: Engine, firings: readonly Firing[]): Promise<number> {
  try {
    return await commitFirings(engine, firings);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'store_unavailable') throw error;
    const [first] = firings;
    if (first && firings.length === 1) return commitRefused(engine, first, error);
    const half = Math.ceil(firings.length / 2);
    return (await commitApart(engine, firings.slice(0, half))) + (await commitApart(engine, firings.slice(half)));
  }
}

/** What a schedule enqueues now, and how it moves on. */
interface Firing {
  tasks: NewTask[];
  fired: Fired;
  /** The times at which it enqueues tasks or workflows. */
  times: number[];
  workflow?: { entry: ScheduleEntry; body: ScheduledWorkflow };
}

/** Each workflow is a transaction of its own. Those for which no queries are left follow with the next sweep. */
async function commitWorkflows(
  engine: Engine,
  { fired, times, workflow }: Firing,
  queriesUsed: () => number,
): Promise<number> {
  if (!workflow) return 0;
  const { entry, body } = workflow;
  const moved: Fired = { ...fired };
  let enqueued = 0;
  try {
    for (const at of times) {
      if (queriesUsed() >= MAX_QUERIES) {
        moved.nextAt = at;
        break;
      }
      const dueAt = at + jitterMs(engine, entry);
      const { taskId, key, isNew } = await fireWorkflow(engine, { name: fired.name, entry }, body, { at, dueAt });
      moved.last = { at, taskId, keys: [key] };
      if (isNew) enqueued++;
    }
  } catch (error) {
    if (error instanceof EngineError && error.code === 'store_unavailable') throw error;
    engine.logger.error('schedule enqueued nothing', { schedule: fired.name, error });
    moved.error = messageOf(error);
  }
  await commitFirings(engine, [{ tasks: [], times: [], fired: moved }]);
  return enqueued;
}

/** Commits tasks and the schedules' new times together. Returns the number of tasks enqueued. */
async function commitFirings(engine: Engine, firings: readonly Firing[]): Promise<number> {
  if (firings.length === 0) return 0;
  const tasks = firings.flatMap((firing) => firing.tasks);
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
  const receipts = await acceptPrepared(engine, tasks, { after: move, newWhenDue: true });
  return receipts.filter(({ duplicate }) => !duplicate).length;
}

/** Moves the schedule on without its tasks, and notes why. */
async function commitRefused(engine: Engine, { fired }: Firing, error: unknown): Promise<number> {
  engine.logger.error('schedule enqueued nothing', { schedule: fired.name, error });
  return commitFirings(engine, [
    { tasks: [], times: [], fired: { ...fired, last: undefined, error: messageOf(error) } },
  ]);
}

/** undefined when no time of the schedule is due. A fault of one schedule does not affect another. */
async function fire(engine: Engine, schedule: Schedule, now: number): Promise<Firing | undefined> {
  const { name, entry, nextAt, createdAt, lastState } = schedule;
  const fired: Fired = { name, from: nextAt, nextAt: NEVER, last: undefined, error: undefined, skipped: 0 };
  try {
    const { fire: times, next, dropped } = dueTimes(entry, nextAt, now, createdAt);
    if (times.length === 0 && next === nextAt) return undefined;
    fired.nextAt = next ?? NEVER;
    if (entry.overlap === 'skip' && lastState && !isFinal(lastState)) {
      engine.logger.warn('schedule skipped: its last task is unfinished', {
        schedule: name,
        task_id: schedule.lastTaskId,
      });
      return { tasks: [], times: [], fired: { ...fired, skipped: dropped + times.length } };
    }
    // The tasks of several missed times would overlap one another.
    const wanted = entry.overlap === 'skip' ? times.slice(-1) : times;
    fired.skipped = dropped + times.length - wanted.length;
    if (entry.workflow) return { tasks: [], times: wanted, fired, workflow: { entry, body: entry.workflow } };
    const tasks = await Promise.all(
      wanted.map((at) => prepareFiring(engine, schedule, at, at + jitterMs(engine, entry))),
    );
    const last = tasks.at(-1);
    if (last) fired.last = { at: wanted.at(-1) ?? now, taskId: last.id, keys: last.dedupeKeys.map(({ key }) => key) };
    return { tasks, times: wanted, fired };
  } catch (error) {
    engine.logger.error('schedule enqueued nothing', { schedule: name, error });
    return { tasks: [], times: [], fired: { ...fired, error: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function jitterMs(engine: Engine, { jitterSeconds }: ScheduleEntry): number {
  return Math.floor(engine.random() * (jitterSeconds + 1)) * 1000;
}
