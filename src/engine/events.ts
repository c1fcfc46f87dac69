// News of what was committed. Inside one isolate who waits for a task to end is woken without asking D1; only a shortcut:
// tasks end in other isolates too, so every waiter also asks. Outside, whoever watches is told through a port.
import type { Engine, LiveEvent } from './engine.ts';

const waiters = new Map<string, Set<() => void>>();

/** Resolves when this isolate settles the task, or after `ms` milliseconds. */
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

/** Called after the commit that ended the tasks. */
export function publishSettled(taskIds: readonly string[]): void {
  if (waiters.size === 0) return;
  for (const id of taskIds) for (const listener of waiters.get(id) ?? []) listener();
}

/** Tells who watches, without keeping anybody waiting. Never throws. */
export function publishLive(engine: Engine, events: readonly LiveEvent[]): void {
  const { publish } = engine;
  if (!publish || events.length === 0) return;
  const publishing = Promise.resolve(events).then(publish);
  engine.defer(publishing.catch((error: unknown) => engine.logger.warn('the live feed was not told', { error })));
}
