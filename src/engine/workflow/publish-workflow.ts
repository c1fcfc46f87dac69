// Publishes the tasks of a workflow after it was revoked or retried as a whole.
import type { Engine } from '../engine.ts';
import { workflowUpdates } from '../store/workflow-updates.ts';
import { publishUpdates } from '../updates.ts';

/** In the background. Never throws. */
export function publishWorkflow(engine: Engine, id: string): void {
  if (!engine.publish) return;
  const publishing = workflowUpdates(engine, id).then((updates) => publishUpdates(engine, updates));
  engine.defer(publishing.catch((error: unknown) => engine.logger.warn('updates not published', { error })));
}
