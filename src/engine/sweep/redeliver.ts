// Chore: rings for tasks that were not started in time: a send failed, a message was lost, a delivery died, or the due time
// was too far for a queue's delay. Must not amplify a backlog: when a task's first message may still be in the queue, it
// waits, and it sends nothing for a paused queue.
import { ring, wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { countChore } from '../store/sweep-record.ts';
import { findOverdue, type OverdueTask, postpone } from '../store/waiting-tasks.ts';

const PORTION = 1000;
const MAX_PORTIONS = 10;
/** A task overdue for this long gets a ring however full its queue is: all messages in there may be of other tasks. */
const MAX_PATIENCE_MS = 15 * 60_000;

/** The number of tasks for which it sent a ring. */
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
  // Committed before the ring: when a sweep dies in between, a ring is lost, and the next sweep makes it good.
  await postpone(
    engine,
    overdue.map((task) => ({ id: task.id, wakeAt: nextWake(engine, task, now) })),
  );
  await ring(
    engine,
    due.map(({ id, name, queue, dueAt, crashes }) => ({ id, name, queue, dueAt, alone: crashes > 0, returning: true })),
  );
  return due.length;
}

/** Each look comes later than the one before: after the grace, then after as long as the task has waited already. */
function nextWake(engine: Engine, { dueAt }: OverdueTask, now: number): number {
  if (dueAt > now) return wakeTime(engine, dueAt, now);
  const grace = engine.settings.ringGraceSeconds * 1000;
  return now + Math.min(MAX_PATIENCE_MS, Math.max(grace, now - dueAt));
}

/** True if the task's message is not older than the queue's oldest one: then it was not lost, only late. */
function mayStillBeQueued(engine: Engine, task: OverdueTask, oldest: number | undefined, now: number): boolean {
  if (oldest === undefined || task.dueAt > now || now - task.dueAt > MAX_PATIENCE_MS) return false;
  const rungAt = task.wakeAt - engine.settings.ringGraceSeconds * 1000;
  return oldest <= rungAt;
}

/** When the oldest message of each queue was sent; absent when the queue is empty or does not answer. */
async function oldestMessages(engine: Engine, queues: ReadonlySet<QueueName>): Promise<Map<QueueName, number>> {
  const oldest = new Map<QueueName, number>();
  await Promise.all(
    [...queues].map(async (queue) => {
      const backlog = await engine.doorbell.backlogOf(engine, queue);
      if (backlog?.oldestAt !== undefined) oldest.set(queue, backlog.oldestAt);
    }),
  );
  return oldest;
}
