// At the door of a delivery: which tasks of limited definitions may start here, and when. What has no slot yet asks for one,
// once for all tasks of a definition; what has to wait for long is put off to its slot and rung for again.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { ring, wakeTime } from '../ring.ts';
import { delayTasks, findReady } from '../store/waiting-tasks.ts';
import { type Rate, spacingMs, toleranceMs } from './rate.ts';

/** A task of a limited definition, as a delivery brings it. */
export interface Limited {
  id: string;
  name: string;
  /** Epoch milliseconds; undefined: not granted yet, or the definition has no rate. */
  slot?: number | undefined;
  /** Suspected of crashing the isolate. */
  alone: boolean;
}

/** An invocation keeps tasks whose slots are so near, in milliseconds: their rings come up to a second early. */
export const HOLD_MS = 1500;
/** How long tasks wait when nobody grants slots. */
const PACER_AWAY_MS = 5000;

/** Those that may be claimed here. The rest is rung for at its slot; what no longer waits is left out. */
export async function admit(engine: Engine, queue: QueueName, tasks: readonly Limited[]): Promise<Limited[]> {
  const admitted: Limited[] = [];
  for (const name of new Set(tasks.map((task) => task.name))) {
    const alike = tasks.filter((task) => task.name === name);
    const rate = engine.registry.get(name)?.rateLimit;
    admitted.push(
      ...(rate ? await admitPaced(engine, queue, alike, rate) : alike.map((task) => ({ ...task, slot: undefined }))),
    );
  }
  return admitted;
}

/** Too late for its slot, so that starting now would crowd the tasks of later ones. */
export function hasLapsed({ slot }: { slot?: number | undefined }, rate: Rate, now: number): boolean {
  return slot !== undefined && now - slot > toleranceMs(rate);
}

async function admitPaced(engine: Engine, queue: QueueName, tasks: Limited[], rate: Rate): Promise<Limited[]> {
  const now = engine.clock.now();
  const keeps = (task: Limited) => task.slot !== undefined && !hasLapsed(task, rate, now);
  const granted = tasks.filter(keeps);
  const asking = tasks.filter((task) => !keeps(task));
  if (asking.length > 0) {
    const ready = await findReady(
      engine,
      asking.map(({ id }) => id),
      now,
    );
    const waiting = asking.filter(({ id }) => ready.has(id));
    const spacing = spacingMs(rate);
    const first = await reserve(engine, waiting, spacing, now);
    if (first === undefined) {
      await ring(
        engine,
        waiting.map((task) => ({ ...task, queue, dueAt: now + PACER_AWAY_MS })),
      );
      return granted;
    }
    granted.push(...waiting.map((task, index) => ({ ...task, slot: Math.round(first + index * spacing) })));
  }
  const far = granted.filter(({ slot = 0 }) => slot > now + HOLD_MS);
  await putOff(engine, queue, far, now);
  return granted.filter(({ slot = 0 }) => slot <= now + HOLD_MS);
}

/** The first of as many slots; undefined when nobody grants any. */
async function reserve(
  engine: Engine,
  tasks: readonly Limited[],
  spacing: number,
  now: number,
): Promise<number | undefined> {
  const [first] = tasks;
  if (!first) return now;
  try {
    return await engine.pacer.reserve(first.name, tasks.length, spacing, now);
  } catch (error) {
    engine.logger.warn('no slots granted; trying again later', { task: first.name, error });
    return undefined;
  }
}

async function putOff(engine: Engine, queue: QueueName, far: readonly Limited[], now: number): Promise<void> {
  if (far.length === 0) return;
  const delays = far.map(({ id, slot = now }) => ({ id, dueAt: slot, wakeAt: wakeTime(engine, slot, now) }));
  await delayTasks(engine, delays);
  await ring(
    engine,
    far.map(({ slot = now, ...task }) => ({ ...task, queue, dueAt: slot, granted: true })),
  );
}
