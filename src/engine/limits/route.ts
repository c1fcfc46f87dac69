// Which lane a task travels in: pure. Celery's order: what the call says, then the definition, then the table of routes.
import type { Engine } from '../engine.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import type { AnyDefinition } from '../task.ts';

/** Tasks whose name fits `pattern` (`*` stands for any text) travel in `queue`, unless call or definition says otherwise. */
export interface Route {
  pattern: string;
  queue: QueueName;
}

/** `report.*=low, image.resize=files` → routes; the first that fits wins. Throws a plain Error that names the bad part. */
export function parseRoutes(text: string): Route[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [, pattern, queue] = part.match(/^([a-z0-9_.*]+) *= *([a-z]+)$/) ?? [];
    const known = QUEUES.find((name) => name === queue);
    if (pattern === undefined || !known) {
      throw new Error(`"${part}" is no route: write pattern=queue, with a queue of ${QUEUES.join(', ')}`);
    }
    return { pattern, queue: known };
  });
}

export function laneOf(engine: Engine, definition: AnyDefinition, options: EnqueueOptions = {}): QueueName {
  const own = options.queue ?? options.priority ?? definition.queue;
  return own ?? engine.settings.routes.find(({ pattern }) => fits(definition.name, pattern))?.queue ?? 'default';
}

function fits(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1;
    const found = last ? name.length - part.length : name.indexOf(part, at);
    if (found < at || !name.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return at === name.length;
}
