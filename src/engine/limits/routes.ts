// Which queue a task goes into: pure. Celery's order: the call, then the definition, then the table of routes.
import type { Declaration } from '../declaration.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';

/** Tasks whose name fits `pattern` (`*` stands for any text) go into `queue`, unless the call or the definition names another. */
export interface Route {
  pattern: string;
  queue: QueueName;
}

/** `report.*=low, image.resize=files` → routes; the first that fits wins. Throws a plain Error that names the bad part. */
export function parseRoutes(text: string): Route[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [, pattern, queue] = part.match(/^([a-z0-9_.*]+) *= *([a-z]+)$/) ?? [];
    const known = QUEUE_NAMES.find((name) => name === queue);
    if (pattern === undefined || !known) {
      throw new Error(
        `"${part}" is not a route. Write pattern=queue, with one of the queues ${QUEUE_NAMES.join(', ')}`,
      );
    }
    return { pattern, queue: known };
  });
}

export function queueOf(
  { settings }: { settings: { routes: readonly Route[] } },
  definition: Declaration,
  options: EnqueueOptions = {},
): QueueName {
  const own = options.queue ?? options.priority ?? definition.queue;
  return own ?? settings.routes.find(({ pattern }) => fits(definition.name, pattern))?.queue ?? 'default';
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
