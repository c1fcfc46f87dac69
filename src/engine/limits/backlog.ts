// Back-pressure: a queue that holds more messages than `maxBacklog` accepts no more tasks from outside. Retries, workflows and
// schedules go on: they were accepted before. The number is Cloudflare's own, asked at most every few seconds in an isolate.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { QueueName } from '../queues.ts';

const FRESH_MS = 5000;

interface Known {
  messages: number;
  at: number;
}

const known = new WeakMap<Engine, Map<QueueName, Known>>();

/** Remembers the number of messages that a queue reported. */
export function noteBacklog(engine: Engine, queue: QueueName, messages: number | undefined): void {
  if (messages === undefined || engine.settings.maxBacklog === undefined) return;
  const queues = known.get(engine) ?? new Map<QueueName, Known>();
  known.set(engine, queues.set(queue, { messages, at: engine.clock.now() }));
}

/** Throws EngineError `backlog_full` when a queue that these tasks go into is too full. */
export async function refuseBacklog(engine: Engine, tasks: readonly { queue: QueueName }[]): Promise<void> {
  const { maxBacklog } = engine.settings;
  if (maxBacklog === undefined) return;
  for (const queue of new Set(tasks.map((task) => task.queue))) {
    const messages = await messagesIn(engine, queue);
    if (messages <= maxBacklog) continue;
    const message = `${messages} messages wait in the queue "${queue}"; at most ${maxBacklog}`;
    throw new EngineError('backlog_full', message);
  }
}

/** 0 when the queue does not answer: its tasks are accepted then. */
async function messagesIn(engine: Engine, queue: QueueName): Promise<number> {
  const last = known.get(engine)?.get(queue);
  if (last && engine.clock.now() - last.at < FRESH_MS) return last.messages;
  return (await engine.doorbell.backlogOf(engine, queue))?.messages ?? 0;
}
