// Tells who watches that a workflow was revoked or retried as a whole: what its tasks are now.
import type { Engine } from '../engine.ts';
import { publishLive } from '../events.ts';
import { workflowNews } from '../store/workflow-news.ts';

/** In the background. Never throws. */
export function tellWorkflow(engine: Engine, id: string): void {
  if (!engine.publish) return;
  const telling = workflowNews(engine, id).then((events) => publishLive(engine, events));
  engine.defer(telling.catch((error: unknown) => engine.logger.warn('the live feed was not told', { error })));
}
