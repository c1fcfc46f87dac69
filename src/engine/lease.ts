// The lease of an invocation and its heartbeat. A lease is taken from the isolate's spare ones, so that idle traffic does
// not fill the table; one whose invocation died is never given back, and the sweep finds it when it runs out.

import { Lost } from './ending.ts';
import type { Engine } from './engine.ts';
import { abortOverdue, type Running } from './run.ts';
import { renewLease } from './store/renew-lease.ts';
import type { Progress } from './task.ts';

const spare: string[] = [];

export function takeLease(): string {
  return spare.pop() ?? crypto.randomUUID();
}

/** Only after everything that ran under it is settled. */
export function giveBackLease(id: string): void {
  spare.push(id);
}

/** The first beat comes soon, so that a revocation is heard soon; later ones are cheaper. */
const FIRST_BEAT_MS = 1000;
const MAX_BEAT_MS = 5000;
const BEAT_GROWTH = 1.5;

/**
 * Beats while `running` has tasks: renews the lease, writes their progress, aborts those no longer held and those that ran
 * too long (which is therefore up to five seconds late). Returns what stops it.
 */
export function startHeart(engine: Engine, leaseId: string, running: ReadonlyMap<string, Running>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const written = new WeakMap<Running, Progress>();

  /** Was there progress to write? */
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
    let news = false;
    for (const { one, progress } of tasks) {
      news ||= progress !== undefined && written.get(one) !== progress;
      if (progress) written.set(one, progress);
      if (held.get(one.task.id) !== one.task.fence) one.abort(new Lost('revoked, or its lease ran out'));
    }
    return news;
  };
  const schedule = (delay: number) => {
    timer = setTimeout(async () => {
      const news = await beat().catch((error: unknown) => engine.logger.warn('heartbeat failed', { error }));
      if (!stopped) schedule(news ? FIRST_BEAT_MS : Math.min(MAX_BEAT_MS, delay * BEAT_GROWTH));
    }, delay);
  };
  schedule(FIRST_BEAT_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
