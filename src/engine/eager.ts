// Celery's task_always_eager, for tests: enqueue runs the task at once, in the caller, through the same validation, claims,
// retries and settling; it waits for no timer and sends no message.
import type { Engine } from './engine.ts';
import { QUEUES } from './queues.ts';
import { work } from './work.ts';

/** What snoozes so often waits for something that does not happen here: it is left as it is. */
const MAX_RUNS = 200;

/** A copy of the engine whose doorbell runs the tasks. A retry or an ETA in the future runs at once as well. */
export function makeEager(engine: Engine): Engine {
  const runs = new Map<string, number>();
  const eager: Engine = {
    ...engine,
    async runNow(rings) {
      for (const queue of QUEUES) {
        const ids = rings.filter((ring) => ring.queue === queue).map(({ id }) => id);
        for (const id of ids) runs.set(id, (runs.get(id) ?? 0) + 1);
        const left = ids.filter((id) => (runs.get(id) ?? 0) <= MAX_RUNS);
        if (left.length > 0) await work(eager, { queue, ids: left, early: true });
      }
    },
  };
  return eager;
}
