// One turn of the loop in work.ts: settles what has ended and claims what is next. If there is both, they are one transaction:
// one call to D1 instead of two.
import type { Claimer } from './claimer.ts';
import type { Engine } from './engine.ts';
import type { Ended } from './pool.ts';
import { settle } from './settler.ts';
import type { Joint } from './store/joint.ts';

/**
 * Throws EngineError `store_unavailable` if the settling has failed. A claim that failed is the claimer's: it looks for the tasks that it
 * may hold.
 */
export async function settleAndClaim(engine: Engine, ended: readonly Ended[], claimer: Claimer): Promise<void> {
  let settling: Promise<void> | undefined;
  /** Taken up only while the settling has not begun: a claim that must ask the pacer first comes too late. */
  const join: Joint['join'] = (guest) => {
    if (settling || ended.length === 0) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const seat = { ...guest, done: resolve, failed: reject };
    settling = settle(engine, ended, seat);
    return promise;
  };
  const claiming = claimer.claimNext({ join });
  settling ??= settle(engine, ended);
  await Promise.all([settling, claiming]);
}
