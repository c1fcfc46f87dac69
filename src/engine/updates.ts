// Updates of what was committed. Callers in this isolate that wait for a task to end are woken without asking D1. That is a
// shortcut only: tasks end in other isolates too, so each caller also reads D1. Clients outside are served through a port.
import type { Engine } from './engine.ts';
import type { TaskUpdate } from './task.ts';

const waiters = new Map<string, Set<() => void>>();

/** Resolves when this isolate ends the task, or after `ms` milliseconds. */
export async function settledHere(taskId: string, ms: number): Promise<void> {
  const mine = waiters.get(taskId) ?? new Set();
  waiters.set(taskId, mine);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listener = () => {};
  await new Promise<void>((resolve) => {
    listener = resolve;
    mine.add(listener);
    timer = setTimeout(resolve, ms);
  });
  clearTimeout(timer);
  mine.delete(listener);
  if (mine.size === 0) waiters.delete(taskId);
}

/** Wakes the callers that wait for these tasks. Call it after the commit that ended them. */
export function wakeWaiters(taskIds: readonly string[]): void {
  if (waiters.size === 0) return;
  for (const id of taskIds) for (const listener of waiters.get(id) ?? []) listener();
}

/** Publishes in the background. Never throws. */
export function publishUpdates(engine: Engine, updates: readonly TaskUpdate[]): void {
  const { publish } = engine;
  if (!publish || updates.length === 0) return;
  const publishing = Promise.resolve(updates).then(publish);
  engine.defer(publishing.catch((error: unknown) => engine.logger.warn('updates not published', { error })));
}
