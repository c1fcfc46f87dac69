// Celery's task_always_eager, for tests: enqueue runs the task at once, in the caller, through the same validation, claims,
// retries and settling; it waits for no timer and sends no message.
import type { Engine } from './engine.ts';
import { QUEUES } from './queues.ts';
import { work } from './work.ts';

/** A copy of the engine whose doorbell runs the tasks. A retry or an ETA in the future runs at once as well. */
export function makeEager(engine: Engine): Engine {
  const eager: Engine = {
    ...engine,
    async runNow(rings) {
      for (const queue of QUEUES) {
        const ids = rings.filter((ring) => ring.queue === queue).map(({ id }) => id);
        if (ids.length > 0) await work(eager, { queue, ids, early: true });
      }
    },
  };
  return eager;
}
