// Back-pressure: a lane whose queue holds more messages than `maxBacklog` takes no more tasks from outside. What is accepted
// already goes on: retries, workflows, schedules. The number is Cloudflare's own, asked at most every few seconds in an isolate.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { QueueName } from '../queues.ts';

const FRESH_MS = 5000;

interface Known {
  messages: number;
  at: number;
}

const known = new WeakMap<Engine, Map<QueueName, Known>>();

/** Remembers what a queue said of itself in passing. */
export function noteBacklog(engine: Engine, queue: QueueName, messages: number | undefined): void {
  if (messages === undefined || engine.settings.maxBacklog === undefined) return;
  const lanes = known.get(engine) ?? new Map<QueueName, Known>();
  known.set(engine, lanes.set(queue, { messages, at: engine.clock.now() }));
}

/** Throws EngineError `backlog_full` when a lane that these tasks would travel in is too full. */
export async function refuseBacklog(engine: Engine, tasks: readonly { queue: QueueName }[]): Promise<void> {
  const { maxBacklog } = engine.settings;
  if (maxBacklog === undefined || engine.runNow) return;
  for (const queue of new Set(tasks.map((task) => task.queue))) {
    const messages = await backlogOf(engine, queue);
    if (messages <= maxBacklog) continue;
    const message = `${messages} messages wait in the queue "${queue}"; at most ${maxBacklog}`;
    throw new EngineError('backlog_full', message);
  }
}

async function backlogOf(engine: Engine, queue: QueueName): Promise<number> {
  const last = known.get(engine)?.get(queue);
  if (last && engine.clock.now() - last.at < FRESH_MS) return last.messages;
  try {
    const { backlogCount } = await engine.queues[queue].metrics();
    noteBacklog(engine, queue, backlogCount);
    return backlogCount;
  } catch (error) {
    engine.logger.warn('queue metrics failed', { queue, error });
    return 0; // accepted means kept, whatever the queue says
  }
}
