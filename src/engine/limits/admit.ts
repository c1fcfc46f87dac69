// Which tasks of limited definitions a delivery may start, and when. One question to the pacer for all tasks of a definition;
// tasks whose turn is not near are delayed until it is likely, and ask again then.

import { batchSize } from '../batch/rule.ts';
import { ring, wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { delayTasks, findReady } from '../store/waiting-tasks.ts';
import { type Answer, type Asking, type Rate, spacingMs, toleranceMs } from './rate.ts';

/** A task of a limited definition, as a delivery brings it. */
export interface Limited {
  id: string;
  name: string;
  /** Epoch milliseconds; undefined: not granted yet, or the definition has no rate. */
  slot?: number | undefined;
  /** It crashed before. */
  alone: boolean;
  /** It has had its turn in line and goes before new tasks. */
  returning: boolean;
}

/** An invocation keeps tasks whose slots are this near, in milliseconds. */
export const HOLD_MS = 1500;
/** How long tasks wait when the pacer does not answer. */
const PACER_AWAY_MS = 5000;

/** Returns the tasks that may be claimed here. It rings for the others when their turn is likely, and drops those that no longer wait. */
export async function admit(engine: Engine, queue: QueueName, tasks: readonly Limited[]): Promise<Limited[]> {
  const groups = new Map<string, Limited[]>();
  for (const task of tasks) {
    const kind = `${task.name} ${task.returning}`;
    const alike = groups.get(kind);
    if (alike) alike.push(task);
    else groups.set(kind, [task]);
  }
  const admitted: Limited[] = [];
  for (const alike of groups.values()) {
    const definition = engine.registry.get(alike[0]?.name ?? '');
    const rate = definition?.rateLimit;
    // One that crashed before runs alone, in a batch of one.
    const together = (definition && batchSize(definition)) ?? 1;
    admitted.push(...(rate ? await admitPaced(engine, queue, alike, { rate, together }) : alike));
  }
  return admitted;
}

/** True when it is too late for its slot: starting now would come too close to the tasks of later slots. */
export function hasLapsed({ slot }: { slot?: number | undefined }, rate: Rate, now: number): boolean {
  return slot !== undefined && now - slot > toleranceMs(rate);
}

/** Removes revoked tasks from the lines of rate-limited definitions. Only a hint: a line that no task returns to is forgotten anyway. */
export function releaseSlots(engine: Engine, tasks: readonly { name: string }[]): void {
  const counts = new Map<string, number>();
  for (const { name } of tasks) {
    if (engine.registry.get(name)?.rateLimit) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of counts) engine.defer(engine.pacer.release(name, count).catch(() => {}));
}

interface Pace {
  rate: Rate;
  /** How many start at once. */
  together: number;
}

async function admitPaced(engine: Engine, queue: QueueName, tasks: Limited[], pace: Pace): Promise<Limited[]> {
  const now = engine.clock.now();
  const ids = tasks.map(({ id }) => id);
  const ready = await findReady(engine, ids, now);
  const waiting = tasks.filter(({ id }) => ready.has(id));
  const portion = pace.together > 1 ? pace.together : Math.max(1, waiting.length);
  const admitted: Limited[] = [];
  for (let at = 0; at < waiting.length; at += portion) {
    const asking = waiting.slice(at, at + portion);
    const granted = await admitPortion(engine, queue, { asking, behind: waiting.slice(at + portion) }, pace);
    admitted.push(...granted);
    if (granted.length < asking.length) break;
  }
  return admitted;
}

/** Asks for slots. If not all are granted, the others, and those `behind` them, come back when their turn is likely. */
async function admitPortion(
  engine: Engine,
  queue: QueueName,
  { asking, behind }: { asking: Limited[]; behind: Limited[] },
  { rate, together }: Pace,
): Promise<Limited[]> {
  const now = engine.clock.now();
  const spacing = spacingMs(rate);
  const isBatch = together > 1;
  const answer = await ask(engine, asking, { spacing, now, until: now + HOLD_MS, ...(isBatch && { together: true }) });
  if (!answer) {
    const dueAt = now + PACER_AWAY_MS;
    await ring(
      engine,
      [...asking, ...behind].map(({ id, name, alone, returning }) => ({ id, name, alone, returning, queue, dueAt })),
    );
    return [];
  }
  const { granted, first, later } = answer;
  // Those of one batch come back together.
  const turn = (index: number) => (index - (index % together)) * spacing;
  const far = [...asking.slice(granted), ...(granted < asking.length ? behind : [])];
  await delay(
    engine,
    queue,
    far.map((task, index) => ({ ...task, dueAt: Math.ceil(later + turn(index)) })),
  );
  const step = isBatch ? 0 : spacing;
  return asking.slice(0, granted).map((task, index) => ({ ...task, slot: Math.round(first + index * step) }));
}

/** undefined when the pacer does not answer. */
async function ask(
  engine: Engine,
  tasks: readonly Limited[],
  how: Omit<Asking, 'count' | 'returning'>,
): Promise<Answer | undefined> {
  const [one] = tasks;
  if (!one) return { granted: 0, first: how.now, later: how.now };
  try {
    return await engine.pacer.reserve(one.name, { ...how, count: tasks.length, returning: one.returning });
  } catch (error) {
    engine.logger.warn('no slots granted; trying again later', { task: one.name, error });
    return undefined;
  }
}

/** Each comes back when its turn is likely, and then goes before new tasks. */
async function delay(engine: Engine, queue: QueueName, far: readonly (Limited & { dueAt: number })[]): Promise<void> {
  if (far.length === 0) return;
  const now = engine.clock.now();
  const delays = far.map(({ id, dueAt }) => ({ id, dueAt, wakeAt: wakeTime(engine, dueAt, now) }));
  await delayTasks(engine, delays);
  await ring(
    engine,
    far.map(({ id, name, alone, dueAt }) => ({ id, name, alone, queue, dueAt, returning: true })),
  );
}
