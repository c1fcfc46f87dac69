// Celery's task_always_eager, for tests: enqueueing runs the task at once, in the caller, through the same validation,
// claims, retries and settling. It waits for no timer, sends no message and keeps no rate or concurrency limit.
import type { Doorbell, Engine } from './engine.ts';
import { QUEUE_NAMES } from './queues.ts';
import type { Ring } from './ring.ts';
import { work, workHere } from './work.ts';

/** A task that snoozes this often waits for something that does not happen here. It is left as it is. */
const MAX_RUNS = 200;
/** Every task is due by then. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** A copy of the engine whose doorbell runs the tasks. A retry or an ETA in the future runs at once as well. */
export function makeEager(engine: Omit<Engine, 'doorbell'>): Engine {
  return { ...engine, doorbell: createEagerDoorbell() };
}

function createEagerDoorbell(): Doorbell {
  const runs = new Map<string, number>();
  const run = async (engine: Engine, rings: readonly Ring[]) => {
    for (const queue of QUEUE_NAMES) {
      // No timer runs here, so a wait for an event does not time out.
      const ids = rings.filter((ring) => ring.queue === queue && !ring.waits).map(({ id }) => id);
      for (const id of ids) runs.set(id, (runs.get(id) ?? 0) + 1);
      const left = ids.filter((id) => (runs.get(id) ?? 0) <= MAX_RUNS);
      if (left.length > 0) await work(engine, { queue, ids: left });
    }
  };
  return {
    announce: run,
    ring: run,
    backlogOf: async () => undefined,
    startHere: (engine, started, ended) => workHere(engine, started).finally(ended),
    dueBy: () => END_OF_TIME,
    keepsLimits: false,
    joinsCalls: false,
  };
}
