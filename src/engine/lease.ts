// The lease of an invocation and its heartbeat. A lease is taken from the isolate's spare ones, so that idle traffic does
// not fill the table; one whose invocation died is never given back, and the sweep finds it when it runs out.
import type { Engine } from './engine.ts';
import { Lost, type Running } from './run.ts';
import { renewLease } from './store/renew-lease.ts';

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

export interface Heart {
  stop(): void;
}

/** Renews the lease while `running` has tasks, writes their progress, and aborts those no longer held. */
export function startHeart(engine: Engine, leaseId: string, running: ReadonlyMap<string, Running>): Heart {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const written = new WeakMap<Running, unknown>();

  const beat = async (delay: number) => {
    const tasks = [...running.values()].map((one) => ({ one, progress: one.progress }));
    if (tasks.length > 0) {
      try {
        const held = await renewLease(engine, {
          leaseId,
          running: tasks.map(({ one, progress }) => ({
            id: one.task.id,
            fence: one.task.fence,
            progress: written.get(one) === progress ? undefined : progress,
          })),
        });
        for (const { one, progress } of tasks) {
          written.set(one, progress);
          if (held.get(one.task.id) !== one.task.fence) one.controller.abort(new Lost('revoked, or its lease ran out'));
        }
      } catch (error) {
        engine.logger.warn('heartbeat failed', { error });
      }
    }
    if (!stopped) schedule(Math.min(MAX_BEAT_MS, delay * 1.5));
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => beat(delay), delay);
  };
  schedule(FIRST_BEAT_MS);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
