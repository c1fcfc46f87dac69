// Other settings of a queue, for one test.
import { onTestFinished } from 'vitest';
import { QUEUES, type QueueName } from '../../src/engine/manage.ts';

/** Until the test ends. */
export function changeQueue(name: QueueName, settings: { concurrency?: number; burst?: number }): void {
  const queue: Record<string, unknown> = QUEUES[name];
  const before = { ...queue };
  Object.assign(queue, settings);
  onTestFinished(() => void Object.assign(queue, before));
}
