// Pausing a lane: nothing of it starts, nothing is lost, what runs goes on to its end. The claim itself looks, so it holds
// from the moment it is committed, in every isolate.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import { ring } from '../ring.ts';
import { pauseQueue, resumeQueue } from '../store/paused-queues.ts';
import { findWaiting } from '../store/waiting-tasks.ts';

/** Rung for at once when a lane is resumed, per state; the sweep finds the rest. */
const PORTION = 5000;
const MAX_PORTIONS = 10;

/** Throws EngineError `queue_not_found`. */
export function requireQueue(name: string): QueueName {
  const queue = QUEUES.find((known) => known === name);
  if (!queue) throw new EngineError('queue_not_found', `no queue is named "${name}"; there are ${QUEUES.join(', ')}`);
  return queue;
}

/** Pausing what is paused changes nothing. */
export async function pause(engine: Engine, queue: QueueName): Promise<void> {
  await pauseQueue(engine, queue);
}

/** Lets the lane start tasks again and rings for what waits in it. */
export async function resume(engine: Engine, queue: QueueName): Promise<void> {
  await resumeQueue(engine, queue);
  engine.defer(
    ringForWaiting(engine, queue).catch((error: unknown) =>
      engine.logger.warn('not all of a resumed queue was rung for; the sweep will ring', { queue, error }),
    ),
  );
}

async function ringForWaiting(engine: Engine, queue: QueueName): Promise<void> {
  for (const state of ['PENDING', 'RETRY'] as const) {
    let after = '';
    for (let portion = 0; portion < MAX_PORTIONS; portion++) {
      const waiting = await findWaiting(engine, { state, queue, after, limit: PORTION });
      await ring(
        engine,
        waiting.map((task) => ({ ...task, alone: task.crashes > 0 })),
      );
      after = waiting.at(-1)?.id ?? '';
      if (waiting.length < PORTION) break;
    }
  }
}
