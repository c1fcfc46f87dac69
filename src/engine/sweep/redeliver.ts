// Chore: rings for tasks that were not started in time: a send failed, a message was lost, a delivery died, or the due time
// was too far for a queue's delay. Must not amplify a backlog: when a task's first message may still be in the queue, it
// waits, and it sends nothing for a paused queue.
import { ring, wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { countChore } from '../store/sweep-record.ts';
import { findOverdue, type OverdueTask, postpone } from '../store/waiting-tasks.ts';
import { wakeByAge } from './wake-by-age.ts';

const PORTION = 1000;
/** Each portion takes two queries of the 1,000 that D1 allows an invocation. */
const MAX_PORTIONS = 100;
/** However full a queue is, a message that has not started its task for this long is sent again. */
const MAX_PATIENCE_MS = 15 * 60_000;

/** The number of tasks for which it sent a ring. */
export async function redeliver(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  await wakeByAge(engine, now, (queues) => oldestMessages(engine, queues));
  let rung = 0;
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const overdue = await findOverdue(engine, now, PORTION);
    if (overdue.length === 0) break;
    rung += await redeliverPortion(engine, overdue, now);
    if (overdue.length < PORTION) break;
  }
  if (rung > 0) {
    const counted = countChore(engine, 'redeliver', rung);
    await counted.catch((error: unknown) => engine.logger.warn('rings not counted', { count: rung, error }));
  }
  return rung;
}

async function redeliverPortion(engine: Engine, overdue: readonly OverdueTask[], now: number): Promise<number> {
  const oldest = await oldestMessages(engine, new Set(overdue.map(({ queue }) => queue)));
  const looks = overdue.map((task) => ({ task, ...lookAt(engine, task, oldest.get(task.queue), now) }));
  // Committed before the ring: when a sweep dies in between, a ring is lost, and the next look makes it good.
  await postpone(
    engine,
    looks.map(({ task, rings, wakeAt }) => ({ id: task.id, wakeAt, rungAt: rings ? now : task.rungAt })),
  );
  const rings = looks.filter((look) => look.rings);
  await ring(
    engine,
    rings.map(({ task: { id, name, queue, dueAt, crashes } }) => {
      return { id, name, queue, dueAt, alone: crashes > 0, returning: true };
    }),
  );
  return rings.length;
}

/**
 * Whether to ring for a task, and when to look at it again. The message that was sent when the task began to wait is given
 * until the next sweep if it may still be in the queue. A message that the sweep itself has sent is given up to
 * MAX_PATIENCE_MS. The pause between two looks grows only after a message was sent.
 */
function lookAt(
  engine: Engine,
  { dueAt, wakeAt, rungAt }: OverdueTask,
  oldest: number | undefined,
  now: number,
): { rings: boolean; wakeAt: number } {
  if (dueAt > now) return { rings: true, wakeAt: wakeTime(engine, dueAt, now) };
  const grace = engine.settings.ringGraceSeconds * 1000;
  const pause = Math.min(MAX_PATIENCE_MS, Math.max(grace, now - dueAt));
  const sweptAt = rungAt !== null && rungAt >= dueAt ? rungAt : undefined;
  if (sweptAt !== undefined) {
    const isQueued = oldest !== undefined && oldest <= sweptAt && now - sweptAt < MAX_PATIENCE_MS;
    return { rings: !isQueued, wakeAt: now + pause };
  }
  const isFirstLook = wakeAt <= dueAt + grace;
  if (isFirstLook && oldest !== undefined && oldest <= dueAt) return { rings: false, wakeAt: now + 1 };
  return { rings: true, wakeAt: now + pause };
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
