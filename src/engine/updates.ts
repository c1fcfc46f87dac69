// Passes what a commit changed to the clients that watch, through a port.
import type { Engine } from './engine.ts';
import type { TaskUpdate } from './task.ts';

/** Publishes in the background. Never throws. */
export function publishUpdates(engine: Engine, updates: readonly TaskUpdate[]): void {
  const { publish } = engine;
  if (!publish || updates.length === 0) return;
  const publishing = Promise.resolve(updates).then(publish);
  engine.defer(publishing.catch((error: unknown) => engine.logger.warn('updates not published', { error })));
}
