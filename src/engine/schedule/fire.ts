// Chore: enqueues the tasks of schedules that are due. Tasks and the schedules' next times are committed together, and each
// firing has a dedupe key of its own, so that a doubled, repeated or overlapping sweep enqueues it once.
import { acceptPrepared } from '../accept.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import { prepareTasks } from '../prepare-tasks.ts';
import { isFinal } from '../state.ts';
import { Batch } from '../store/batch.ts';
import { type Fired, findDueSchedules, moveOn, NEVER, type Schedule } from '../store/schedules.ts';
import { queriesSoFar } from '../store/usage.ts';
import { dueTimes } from './entry.ts';
import { syncCode } from './in-code.ts';

/** Schedules read together, and the tasks after which what they enqueue is committed. */
const PORTION = 500;
const MAX_TASKS = 2000;
/** D1 allows 1,000 queries an invocation, and the other chores need some. The next sweep goes on. */
const MAX_QUERIES = 500;
/** How long a firing's dedupe key is kept: longer than a sweep that has read the schedule can take. */
const KEY_MS = 2 * 86_400_000;

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
    enqueued += await commitApart(engine, firings);
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

/** The tasks that a schedule enqueues now, and how it moves on. */
interface Firing {
  tasks: NewTask[];
  fired: Fired;
}

/** Commits tasks and the schedules' new times together. Returns the number of tasks enqueued. */
async function commitFirings(engine: Engine, firings: readonly Firing[]): Promise<number> {
  if (firings.length === 0) return 0;
  const tasks = firings.flatMap((firing) => firing.tasks);
  const move = (batch: Batch) =>
    moveOn(
      batch,
      firings.map(({ fired }) => fired),
    );
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
  return commitFirings(engine, [{ tasks: [], fired: { ...fired, last: undefined, error: messageOf(error) } }]);
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
      return { tasks: [], fired: { ...fired, skipped: dropped + times.length } };
    }
    // The tasks of several missed times would overlap one another.
    const wanted = entry.overlap === 'skip' ? times.slice(-1) : times;
    fired.skipped = dropped + times.length - wanted.length;
    const tasks = await Promise.all(wanted.map((at) => firing(engine, schedule, at)));
    const last = tasks.at(-1);
    if (last) fired.last = { at: wanted.at(-1) ?? now, taskId: last.id, keys: last.dedupeKeys.map(({ key }) => key) };
    return { tasks, fired };
  } catch (error) {
    engine.logger.error('schedule enqueued nothing', { schedule: name, error });
    return { tasks: [], fired: { ...fired, error: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function firing(engine: Engine, { name, entry }: Schedule, at: number): Promise<NewTask> {
  const definition = engine.registry.get(entry.task);
  if (!definition) throw new Error(`no task is named "${entry.task}" in this deployment`);
  const eta = new Date(at + Math.floor(engine.random() * (entry.jitterSeconds + 1)) * 1000);
  const [task] = await prepareTasks(engine, [{ definition, input: entry.input, options: { eta } }]);
  if (!task) throw new Error('nothing was prepared');
  const expiresAt = engine.clock.now() + KEY_MS;
  const key = `schedule:${name}:${new Date(at).toISOString()}`;
  return {
    ...task,
    dedupeKeys: [...task.dedupeKeys, { key, inputHash: '', expiresAt, until: 'forever', replaces: false }],
  };
}
