// Runs tasks: claims as many as fit, runs them side by side, settles those that have ended together, until none is left or
// the time is up. Every path that runs a task comes through here: deliveries, background tasks, eager mode.

import type { ClaimedTask } from './claimed-task.ts';
import { Claimer, PATIENCE_MS, type Wanted } from './claimer.ts';
import { OutOfTime } from './ending.ts';
import type { Engine, StartedHere } from './engine.ts';
import type { Handler } from './handler.ts';
import { startHeart } from './lease.ts';
import { Pool } from './pool.ts';
import type { QueueName } from './queues.ts';
import { settleAndClaim } from './settle-and-claim.ts';
import { giveBackLease, takeLease } from './spare-leases.ts';

export interface Work extends Wanted {
  queue: QueueName;
  /** Held already, under this lease: started first. */
  claimed?: { tasks: readonly ClaimedTask[]; leaseId: string };
  /** Seconds after which running tasks are stopped and go to the queue, without using up a retry. Default: never. */
  stopAfterSeconds?: number;
  /** Runs the tasks instead of their definition's own. */
  handler?: Handler | undefined;
}

/** Runs tasks that were claimed in the commit that inserted them. Never rejects. */
export async function workHere(engine: Engine, { queue, handler, ...claimed }: StartedHere): Promise<void> {
  try {
    await work(engine, { queue, claimed, handler, stopAfterSeconds: engine.settings.backgroundSeconds });
  } catch (error) {
    engine.logger.error('background task not settled', { error });
  }
}

/** How long to wait for more tasks to end before settling those that did. */
const LINGER_MS = 20;

/** Resolves when every claimed task is settled or lost. Throws EngineError `store_unavailable`; the sweep then takes back the tasks it held. */
export async function work(
  engine: Engine,
  { queue, claimed, stopAfterSeconds, handler, ...wanted }: Work,
): Promise<void> {
  const leaseId = claimed?.leaseId ?? takeLease();
  const pool = new Pool(engine, handler);
  const claimer = new Claimer(engine, pool, queue, leaseId, wanted);
  await claimer.admit(wanted.limited ?? []);
  const stopHeart = startHeart(engine, leaseId, pool.held);
  const stopTimers = startTimers(pool, stopAfterSeconds);
  try {
    for (const task of claimed?.tasks ?? []) pool.start(task);
    while (claimer.left + pool.running + pool.ended > 0) {
      if (claimer.isSpent) await claimer.passOn();
      const ended = pool.takeEnded();
      await settleAndClaim(engine, ended, claimer);
      pool.release(ended);
      await pool.nextEnd();
      await scheduler.wait(0);
      claimer.adapt();
      if (pool.ended < pool.running) await scheduler.wait(LINGER_MS);
    }
  } finally {
    stopTimers();
    stopHeart();
  }
  claimer.throwIfFailed();
  giveBackLease(leaseId);
}

/** Wakes the loop now and then, so that it can claim, and stops the tasks when their time is up. */
function startTimers(pool: Pool, stopAfterSeconds: number | undefined): () => void {
  const ticker = setInterval(() => pool.wake(), PATIENCE_MS);
  const stop =
    stopAfterSeconds === undefined
      ? undefined
      : setTimeout(() => pool.abortAll(new OutOfTime('the invocation must end')), stopAfterSeconds * 1000);
  return () => {
    clearInterval(ticker);
    clearTimeout(stop);
  };
}
