// A delivery from Cloudflare Queues: messages → ids → work → acknowledge. Never throws: a throw would bring back messages that
// are acknowledged already. A message is left to the queue's own retry only when the engine could not do its part (D1 away).
import { gather } from './batch/gather.ts';
import type { Engine } from './engine.ts';
import type { Limited } from './limits/admit.ts';
import { type QueueName, queueNamed } from './queues.ts';
import { RingMessage } from './ring.ts';
import { postpone } from './store/waiting-tasks.ts';
import { work } from './work.ts';

/** Seconds before the queue delivers a message again that could not be handled. */
const REDELIVERY_SECONDS = 10;

/** Handles any delivery to the Worker: of a queue, or of dead letters. */
export function handleDelivery(engine: Engine, batch: MessageBatch): Promise<void> {
  const queue = queueNamed(batch.queue);
  return queue ? consume(engine, queue, batch) : consumeDead(engine, batch);
}

/** Handles one delivery of `queue`. */
export async function consume(engine: Engine, queue: QueueName, batch: MessageBatch): Promise<void> {
  const { readable, bodies } = readMessages(engine, batch);
  const plain = bodies.filter(({ task }) => task === undefined);
  const ids = new Set(plain.filter(({ alone }) => !alone).flatMap((body) => body.ids));
  const alone = new Set(plain.filter((body) => body.alone).flatMap((body) => body.ids));
  const limited = new Map(bodies.flatMap(limitedTasks).map((task) => [task.id, task]));
  try {
    await work(engine, {
      queue,
      ids: [...ids].filter((id) => !alone.has(id)),
      alone: [...alone],
      limited: await gather(engine, queue, [...limited.values()]),
    });
    for (const message of readable) message.ack();
  } catch (error) {
    engine.logger.error('delivery not finished; its messages come again', { queue, error });
    for (const message of readable) message.retry({ delaySeconds: REDELIVERY_SECONDS });
  }
}

/**
 * The dead-letter queue: messages that the engine could not handle many times over. Their tasks are in D1, so it only makes
 * the sweep ring for them soon. No task ends here.
 */
export async function consumeDead(engine: Engine, batch: MessageBatch): Promise<void> {
  const { readable, bodies } = readMessages(engine, batch);
  const ids = [...new Set(bodies.flatMap((body) => body.ids))];
  try {
    const wakeAt = engine.clock.now();
    if (ids.length > 0)
      await postpone(
        engine,
        ids.map((id) => ({ id, wakeAt, rungAt: null })),
      );
    for (const message of readable) message.ack();
  } catch (error) {
    engine.logger.error('dead letters not handled; they come again', { error });
    for (const message of readable) message.retry({ delaySeconds: REDELIVERY_SECONDS });
  }
}

function limitedTasks({ ids, task: name, alone = false, returning = false }: RingMessage): Limited[] {
  return name === undefined ? [] : ids.map((id) => ({ id, name, alone, returning }));
}

/** Unreadable messages are logged and acknowledged at once: no redelivery would make them readable. */
function readMessages(engine: Engine, batch: MessageBatch): { readable: Message[]; bodies: RingMessage[] } {
  const readable: Message[] = [];
  const bodies: RingMessage[] = [];
  for (const message of batch.messages) {
    const body = RingMessage().safeParse(message.body);
    if (body.success) {
      readable.push(message);
      bodies.push(body.data);
    } else {
      engine.logger.error('unreadable queue message; dropped', { queue: batch.queue, message_id: message.id });
      message.ack();
    }
  }
  return { readable, bodies };
}
