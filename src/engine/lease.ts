// The heartbeat of an invocation: it renews the lease under which its tasks run.
import { abortOverdue } from './attempt.ts';
import { Lost } from './ending.ts';
import type { Engine } from './engine.ts';
import type { Running } from './running.ts';
import { renewLease } from './store/renew-lease.ts';
import type { Progress } from './task.ts';

/** The first beat comes soon, so that a revocation arrives soon; later ones are rarer, to save statements. */
const FIRST_BEAT_MS = 1000;
const MAX_BEAT_MS = 5000;
const BEAT_GROWTH = 1.5;

/**
 * Beats while `running` has tasks: renews the lease, writes their progress, aborts tasks that are no longer held and tasks
 * past their deadline (so a timeout is up to five seconds late). Returns the function that stops it.
 */
export function startHeart(engine: Engine, leaseId: string, running: ReadonlyMap<string, Running>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const written = new WeakMap<Running, Progress>();

  /** Resolves to true if there was new progress to write. */
  const beat = async (): Promise<boolean> => {
    const now = engine.clock.now();
    abortOverdue(running.values(), now);
    const tasks = [...running.values()].map((one) => ({ one, progress: one.progress }));
    if (tasks.length === 0) return false;
    const held = await renewLease(engine, {
      leaseId,
      running: tasks.map(({ one, progress }) => ({
        ...one.task,
        progress: written.get(one) === progress ? undefined : progress,
      })),
    });
    let isNew = false;
    for (const { one, progress } of tasks) {
      isNew ||= progress !== undefined && written.get(one) !== progress;
      if (progress) written.set(one, progress);
      if (held.get(one.task.id) !== one.task.fence) one.abort(new Lost('revoked, or its lease ran out'));
    }
    return isNew;
  };
  const schedule = (delay: number) => {
    timer = setTimeout(async () => {
      const isNew = await beat().catch((error: unknown) => engine.logger.warn('heartbeat failed', { error }));
      if (!stopped) schedule(isNew ? FIRST_BEAT_MS : Math.min(MAX_BEAT_MS, delay * BEAT_GROWTH));
    }, delay);
  };
  schedule(FIRST_BEAT_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
