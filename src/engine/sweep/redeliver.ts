// Chore: ring for what waits and was not started in time: a send failed, a message was lost, a delivery died, or the due
// time was too far for a queue's delay. Must not amplify a backlog: where the first ring may still be in the queue, it waits,
// and nobody is rung for in a paused lane.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { ring, wakeTime } from '../ring.ts';
import { countChore } from '../store/sweep-record.ts';
import { findOverdue, type OverdueTask, postpone } from '../store/waiting-tasks.ts';

const PORTION = 1000;
const MAX_PORTIONS = 10;
/** However full a queue says it is, a task overdue for so long is rung for: the messages in there may all be others'. */
const MAX_PATIENCE_MS = 15 * 60_000;

/** The number of tasks rung for. */
export async function redeliver(engine: Engine): Promise<number> {
  let rung = 0;
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const overdue = await findOverdue(engine, PORTION);
    if (overdue.length === 0) break;
    rung += await redeliverPortion(engine, overdue);
    if (overdue.length < PORTION) break;
  }
  if (rung > 0) {
    const counted = countChore(engine, 'redeliver', rung);
    await counted.catch((error: unknown) => engine.logger.warn('rings not counted', { count: rung, error }));
  }
  return rung;
}

async function redeliverPortion(engine: Engine, overdue: readonly OverdueTask[]): Promise<number> {
  const now = engine.clock.now();
  const oldest = await oldestMessages(engine, new Set(overdue.map(({ queue }) => queue)));
  const due = overdue.filter((task) => !mayStillBeQueued(engine, task, oldest.get(task.queue), now));
  // Committed before the ring: a sweep that dies in between has lost a ring, which the next one makes good.
  await postpone(
    engine,
    overdue.map((task) => ({ id: task.id, wakeAt: nextWake(engine, task, now) })),
  );
  await ring(
    engine,
    due.map((task) => ({ ...task, alone: task.crashes > 0 })),
  );
  return due.length;
}

/** Each look is later than the one before: after the grace, then doubling with the time already waited. */
function nextWake(engine: Engine, { dueAt }: OverdueTask, now: number): number {
  if (dueAt > now) return wakeTime(engine, dueAt, now);
  const grace = engine.settings.ringGraceSeconds * 1000;
  return now + Math.min(MAX_PATIENCE_MS, Math.max(grace, now - dueAt));
}

/** Was there a ring whose message is not older than the queue's oldest? Then it was not lost, only late. */
function mayStillBeQueued(engine: Engine, task: OverdueTask, oldest: number | undefined, now: number): boolean {
  if (oldest === undefined || task.dueAt > now || now - task.dueAt > MAX_PATIENCE_MS) return false;
  const rungAt = task.wakeAt - engine.settings.ringGraceSeconds * 1000;
  return oldest <= rungAt;
}

/** When the oldest message of each queue was sent; absent where the queue is empty or does not say. */
async function oldestMessages(engine: Engine, queues: ReadonlySet<QueueName>): Promise<Map<QueueName, number>> {
  const oldest = new Map<QueueName, number>();
  await Promise.all(
    [...queues].map(async (queue) => {
      try {
        const { backlogCount, oldestMessageTimestamp } = await engine.queues[queue].metrics();
        if (backlogCount > 0 && oldestMessageTimestamp) oldest.set(queue, new Date(oldestMessageTimestamp).getTime());
      } catch (error) {
        engine.logger.warn('queue metrics failed', { queue, error });
      }
    }),
  );
  return oldest;
}
