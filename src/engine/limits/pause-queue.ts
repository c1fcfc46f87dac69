// Pausing a queue: no task of it starts, none is lost, and running ones go on to their end. The claim itself looks, so a pause
// holds in every isolate from the moment it is committed.
import { ring } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { deletePause, insertPause } from '../store/paused-queues.ts';
import { findWaiting } from '../store/waiting-tasks.ts';

/** Tasks per state for which a resumed queue rings at once: PORTION × MAX_PORTIONS. The sweep finds the rest. */
const PORTION = 5000;
const MAX_PORTIONS = 10;

/** Throws EngineError `queue_not_found`. */
export function requireQueue(name: string): QueueName {
  const queue = QUEUE_NAMES.find((known) => known === name);
  if (!queue)
    throw new EngineError('queue_not_found', `no queue is named "${name}"; there are ${QUEUE_NAMES.join(', ')}`);
  return queue;
}

/** Pausing a paused queue changes nothing. `by`: the name of the API key that pauses it. */
export async function pauseQueue(engine: Engine, queue: QueueName, by?: string): Promise<void> {
  await insertPause(engine, queue, by);
}

/** Lets the queue start tasks again and rings for those that wait in it. */
export async function resumeQueue(engine: Engine, queue: QueueName): Promise<void> {
  await deletePause(engine, queue);
  const ringing = ringForWaiting(engine, queue);
  engine.defer(
    ringing.catch((error: unknown) =>
      engine.logger.warn('not every task of a resumed queue got a message; the sweep sends the rest', { queue, error }),
    ),
  );
}

async function ringForWaiting(engine: Engine, queue: QueueName): Promise<void> {
  for (const state of ['PENDING', 'RETRY'] as const) {
    let after = '';
    for (let portion = 0; portion < MAX_PORTIONS; portion++) {
      const waiting = await findWaiting(engine, { state, queue, after, limit: PORTION });
      const rings = waiting.map(({ id, name, dueAt, crashes }) => ({ id, name, queue, dueAt, alone: crashes > 0 }));
      await ring(
        engine,
        rings.map((one) => ({ ...one, returning: true })),
      );
      after = waiting.at(-1)?.id ?? '';
      if (waiting.length < PORTION) break;
    }
  }
}
