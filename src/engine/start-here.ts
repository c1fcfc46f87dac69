// Tasks that start in the invocation that enqueues them: claimed in the commit that inserts them, and run after the reply. If
// the invocation dies, its lease runs out, and the sweep sends them to the queue.

import type { ClaimedTask } from './claimed-task.ts';
import { type Declaration, hasLimits } from './declaration.ts';
import type { Engine } from './engine.ts';
import type { Handler } from './handler.ts';
import type { NewTask } from './new-task.ts';
import { QUEUES, type QueueName } from './queues.ts';
import { takeLease } from './spare-leases.ts';
import type { Batch } from './store/batch.ts';
import { addClaim } from './store/claim-tasks.ts';

/** A claim that goes into the batch that inserts its tasks. */
export interface Start {
  add(batch: Batch): void;
  /** The tasks that were claimed. Readable after the commit. */
  claimed(): ClaimedTask[];
  /** The batch was not committed: gives the places back. */
  cancel(): void;
  /** Runs them beside the caller. `handler` runs them instead of their definition's own. Eager: resolves when they have ended. */
  run(handler: Handler | undefined): Promise<void>;
}

/** True when a task of the definition may start here: only a delivery may start tasks with limits. */
export function mayStartHere(engine: Engine, declaration: Declaration): boolean {
  return !(engine.doorbell.keepsLimits && hasLimits(declaration));
}

/** undefined: none of these tasks starts here, because they start elsewhere, go into several queues, or find no place. */
export function startOf(engine: Engine, tasks: readonly NewTask[]): Start | undefined {
  const queue = queueToStartIn(tasks);
  if (queue === undefined) return undefined;
  const places = placesOf(engine, queue);
  const chosen = tasks.slice(0, QUEUES[queue].concurrency - places.taken());
  if (chosen.length === 0) return undefined;
  const leaseId = takeLease();
  const now = engine.clock.now();
  const ids = chosen.map(({ id }) => id);
  const give = places.take(ids.length);
  let read: () => ClaimedTask[] = () => [];
  const claimed = () => read();
  return {
    claimed,
    cancel: give,
    add(batch) {
      const claim = { queue, ids, leaseId, running: [], alone: false, now };
      read = addClaim(batch, engine, { ...claim, dueBy: engine.doorbell.dueBy(now) });
    },
    run: (handler) => engine.doorbell.startHere(engine, { queue, tasks: claimed(), leaseId, handler }, give),
  };
}

/** The queue of the tasks, if all of them are to start here. */
export function queueToStartIn(tasks: readonly NewTask[]): QueueName | undefined {
  const [first] = tasks;
  return tasks.every(({ startsHere, place, queue }) => startsHere && !place && queue === first?.queue)
    ? first?.queue
    : undefined;
}

interface Places {
  taken(): number;
  /** Returns the function that gives the places back. */
  take(count: number): () => void;
}

/** By queue: when the places of tasks that run here are free at the latest, epoch milliseconds. An invocation may end without giving them back. */
const held = new WeakMap<Engine, Map<QueueName, { count: number; until: number }[]>>();

function placesOf(engine: Engine, queue: QueueName): Places {
  const queues = held.get(engine) ?? new Map<QueueName, { count: number; until: number }[]>();
  held.set(engine, queues);
  const now = engine.clock.now();
  const entries = (queues.get(queue) ?? []).filter(({ until }) => until > now);
  queues.set(queue, entries);
  return {
    taken: () => entries.reduce((sum, { count }) => sum + count, 0),
    take(count) {
      const entry = { count, until: now + 2 * engine.settings.backgroundSeconds * 1000 };
      entries.push(entry);
      return () => {
        entry.until = 0;
      };
    },
  };
}
