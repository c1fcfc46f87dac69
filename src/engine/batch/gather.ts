// Where tasks of a definition with batches wait for each other: in D1, and in no invocation. Each has a message of its own that
// comes `waitMs` later, as those of other tasks come at once. The first message that finds its task waiting takes the others along,
// and those that come after find nothing to do. If a call makes a batch full, its message is sent at once. So a lost or late message
// delays its own task only.
import type { Engine } from '../engine.ts';
import type { Limited } from '../limits/admit.ts';
import type { NewTask } from '../new-task.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { Batch } from '../store/batch.ts';
import { addFindNewest, findCompany } from '../store/find-waiting-batch.ts';
import { batchSize, waitSeconds } from './rule.ts';

/** Messages are late, and clocks of isolates differ. */
const MARGIN_MS = 2000;

/**
 * The tasks that a delivery brings, with those that wait beside them: as many as make a batch full. A task that no longer waits is
 * dropped, and brings no others. Tasks of definitions without batches, and those that crashed before, stay as they are.
 */
export async function gather(engine: Engine, queue: QueueName, tasks: readonly Limited[]): Promise<Limited[]> {
  const gathered: Limited[] = [];
  const groups = new Map<string, Limited[]>();
  for (const task of tasks) {
    const definition = task.alone ? undefined : engine.registry.get(task.name);
    const alike = groups.get(task.name);
    if (definition?.batch === undefined) gathered.push(task);
    else if (alike) alike.push(task);
    else groups.set(task.name, [task]);
  }
  for (const [name, alike] of groups) gathered.push(...(await withCompany(engine, queue, name, alike)));
  return gathered;
}

async function withCompany(engine: Engine, queue: QueueName, name: string, tasks: Limited[]): Promise<Limited[]> {
  const definition = engine.registry.get(name);
  const size = (definition && batchSize(definition)) ?? 1;
  if (tasks.length >= size) return tasks;
  const now = engine.clock.now();
  const since = now - 2 * waitSeconds(definition) * 1000 - MARGIN_MS;
  const ids = tasks.map(({ id }) => id);
  const found = await findCompany(engine, { name, queue, ids, since, now, limit: size });
  const waiting = new Set(found);
  const own = tasks.filter(({ id }) => waiting.delete(id));
  const others = [...waiting].map((id) => ({ id, name, alone: false, returning: false }));
  return [...own, ...others.slice(0, size - own.length)];
}

/**
 * Adds the reads that find, for tasks that are inserted in the same transaction, which tasks of their definitions wait already.
 * Returns the rings for those that make a batch full together with the new ones. Readable after the commit.
 */
export function findFull(batch: Batch, engine: Engine, tasks: readonly NewTask[]): () => Ring[] {
  if (!engine.doorbell.keepsLimits) return () => [];
  const reads = [...groupsOf(engine, tasks)].map(([, alike]) => addGroup(batch, engine, alike));
  return () => reads.flatMap((read) => read());
}

/** Tasks that begin to wait for others, by definition and queue. */
function groupsOf(engine: Engine, tasks: readonly NewTask[]): Map<string, NewTask[]> {
  const groups = new Map<string, NewTask[]>();
  for (const task of tasks) {
    if (waitSeconds(engine.registry.get(task.name)) === 0) continue;
    if (task.dueAt > task.createdAt || task.place?.openParents || task.startsHere) continue;
    const key = `${task.name} ${task.queue}`;
    const alike = groups.get(key);
    if (alike) alike.push(task);
    else groups.set(key, [task]);
  }
  return groups;
}

function addGroup(batch: Batch, engine: Engine, tasks: readonly NewTask[]): () => Ring[] {
  const [first] = tasks;
  const definition = first && engine.registry.get(first.name);
  const size = definition && batchSize(definition);
  // The new ones alone fill their batches.
  if (!first || size === undefined || tasks.length % size === 0) return () => [];
  const { name, queue, createdAt } = first;
  const since = createdAt - waitSeconds(definition) * 1000 - MARGIN_MS;
  const [before = first.id] = tasks.map(({ id }) => id).sort();
  const earlier = addFindNewest(batch, { name, queue, since, now: createdAt, limit: size, before });
  return () => {
    const others = earlier();
    if ((tasks.length % size) + others.length < size) return [];
    return others.map((id) => ({ id, name, queue, dueAt: createdAt }));
  };
}
