// Part of the chore `redeliver`: tasks that were due when they were enqueued have no wake-up. Those that still wait when their
// message should have arrived get one here. Then the chore treats them as all others.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { firstId } from '../store/ids.ts';
import { findUnmarked, setWakes } from '../store/wake-marks.ts';

/** Tasks of a queue that get a wake-up in one transaction. */
const PORTION = 5000;
const MAX_PORTIONS = 20;
/** An id may be made this long after the time at which its task is due. */
const ID_DELAY_MS = 1000;

/**
 * For a task whose message may still be in its queue this is the first look, and the next sweep takes the second. `oldestMessages`:
 * when the oldest message of each queue was sent.
 */
export async function wakeByAge(
  engine: Engine,
  now: number,
  oldestMessages: (queues: ReadonlySet<QueueName>) => Promise<ReadonlyMap<QueueName, number>>,
): Promise<void> {
  const graceMs = engine.settings.ringGraceSeconds * 1000;
  const end = firstId(now - graceMs + ID_DELAY_MS);
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const found = await findUnmarked(engine, end, PORTION);
    if (found.length === 0) return;
    const oldest = await oldestMessages(new Set(found.map(({ queue }) => queue)));
    const wakes = found.map(({ queue, count, lastId }) => {
      return { queue, upTo: count < PORTION ? end : lastId, oldest: oldest.get(queue) };
    });
    await setWakes(engine, wakes, { graceMs, later: now + 1 });
    if (found.every(({ count }) => count < PORTION)) return;
  }
}
