// Chore: enqueue what schedules say is due. Tasks and the schedules' next times are committed together, and each firing has a
// key of its own, so that a doubled, repeated or overlapping sweep enqueues it once.
import type { Engine } from '../engine.ts';
import { insert } from '../enqueue.ts';
import { prepareTasks } from '../prepare-tasks.ts';
import { announce } from '../ring.ts';
import { isFinal } from '../state.ts';
import { commit } from '../store/commit.ts';
import type { NewTask } from '../store/insert-tasks.ts';
import { type Fired, findDueSchedules, moveOn, NEVER, type Schedule } from '../store/schedules.ts';
import { dueTimes } from './entry.ts';
import { syncCode } from './in-code.ts';

/** Schedules one sweep fires; more are left to the next one. */
const PORTION = 200;
/** Times that fire more often than the sweep comes are handed out so far ahead. */
const AHEAD_MS = 60_000;
/** How long a firing's key is remembered: longer than any sweep that read the schedule before can take. */
const KEY_MS = 2 * 86_400_000;

/** The number of tasks enqueued. */
export async function fireSchedules(engine: Engine): Promise<number> {
  const inCode = await syncCode(engine);
  const now = engine.clock.now();
  const due = await findDueSchedules(engine, inCode, now + AHEAD_MS, PORTION);
  const tasks: NewTask[] = [];
  const fired: Fired[] = [];
  for (const schedule of due) {
    const firing = await fire(engine, schedule, now);
    if (!firing) continue;
    tasks.push(...firing.tasks);
    fired.push(firing.fired);
  }
  if (fired.length === 0) return 0;
  const move = moveOn(engine, fired);
  if (tasks.length === 0) {
    await commit(engine, [move], { repeatable: true });
    return 0;
  }
  const receipts = await insert(engine, tasks, { alongside: [move] });
  const fresh = tasks.filter((_, index) => !receipts[index]?.duplicate);
  await announce(engine, fresh);
  return fresh.length;
}

/** What a schedule enqueues now; undefined when nothing of it is due. A fault of one is not another's. */
async function fire(
  engine: Engine,
  schedule: Schedule,
  now: number,
): Promise<{ tasks: NewTask[]; fired: Fired } | undefined> {
  const { name, entry, nextAt, createdAt, lastState } = schedule;
  const { fire: times, next } = dueTimes(entry, nextAt, now, createdAt);
  if (times.length === 0 && next === nextAt) return undefined;
  const fired: Fired = { name, from: nextAt, nextAt: next ?? NEVER, last: undefined, error: undefined, skipped: 0 };
  if (entry.overlap === 'skip' && lastState && !isFinal(lastState)) {
    engine.logger.warn('schedule skipped: its last task is unfinished', {
      schedule: name,
      task_id: schedule.lastTaskId,
    });
    return { tasks: [], fired: { ...fired, skipped: times.length } };
  }
  try {
    const tasks = await Promise.all(times.map((at) => firing(engine, schedule, at)));
    const last = tasks.at(-1);
    if (last) fired.last = { at: times.at(-1) ?? now, taskId: last.id };
    return { tasks, fired };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    engine.logger.error('schedule enqueued nothing', { schedule: name, error });
    return { tasks: [], fired: { ...fired, error: message } };
  }
}

async function firing(engine: Engine, { name, entry }: Schedule, at: number): Promise<NewTask> {
  const definition = engine.registry.get(entry.task);
  if (!definition) throw new Error(`no task is named "${entry.task}" in this deployment`);
  const eta = new Date(at + Math.floor(engine.random() * (entry.jitterSeconds + 1)) * 1000);
  const [task] = await prepareTasks(engine, [{ definition, input: entry.input, options: { eta } }]);
  if (!task) throw new Error('nothing was prepared');
  const expiresAt = engine.clock.now() + KEY_MS;
  const key = `schedule:${name}:${new Date(at).toISOString()}`;
  return { ...task, keys: [...task.keys, { key, inputHash: '', expiresAt, until: 'forever', replaces: false }] };
}
