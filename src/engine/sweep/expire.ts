// Chore: revokes tasks that have expired while they wait: in a paused queue, for a limit, a circuit, a parent or an ETA. A task
// that a delivery takes up after its expiry is revoked there.
import { announce } from '../doorbell.ts';
import { EXPIRED } from '../ending.ts';
import type { Engine } from '../engine.ts';
import { releaseSlots } from '../limits/admit.ts';
import { findExpired, revokeTaskRows } from '../store/revoke-tasks.ts';

const PORTION = 1000;
/** Each portion takes about ten queries of the 1,000 that D1 allows an invocation. The next sweep goes on. */
const MAX_PORTIONS = 20;

/** The number of tasks revoked. */
export async function expire(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  let expired = 0;
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const ids = await findExpired(engine, now, PORTION);
    if (ids.length === 0) break;
    const { tasks, rings } = await revokeTaskRows(engine, ids, EXPIRED, { onlyWaiting: true });
    releaseSlots(engine, tasks);
    await announce(engine, rings);
    expired += tasks.length;
    if (ids.length < PORTION) break;
  }
  return expired;
}
