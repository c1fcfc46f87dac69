// A delivery from Cloudflare Queues: messages → ids → work → acknowledge. Never throws: a throw would bring back messages
// already acknowledged. A message is retried by the queue only when the engine itself could not do its part (D1 away).
import type { Engine } from './engine.ts';
import type { Limited } from './limits/admit.ts';
import { QUEUES, type QueueName } from './queues.ts';
import { Message } from './ring.ts';
import { postpone } from './store/waiting-tasks.ts';
import { work } from './work.ts';

/** Seconds before the queue shows a message again that could not be handled. */
const REDELIVERY_SECONDS = 10;

/** Handles any delivery to the Worker: of a lane, or of dead letters. */
export function handleDelivery(engine: Engine, batch: MessageBatch): Promise<void> {
  const lane = laneOfQueue(batch.queue);
  return lane ? consume(engine, lane, batch) : consumeDead(engine, batch);
}

/** Handles one delivery of the lane `queue`. */
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
      limited: [...limited.values()],
    });
    for (const message of readable) message.ack();
  } catch (error) {
    engine.logger.error('delivery not finished; its messages come again', { queue, error });
    for (const message of readable) message.retry({ delaySeconds: REDELIVERY_SECONDS });
  }
}

/**
 * The dead-letter queue: messages the engine could not handle many times over. Their tasks are in D1, so all there is to do
 * is to have the sweep ring for them soon. Nothing ends here.
 */
export async function consumeDead(engine: Engine, batch: MessageBatch): Promise<void> {
  const { readable, bodies } = readMessages(engine, batch);
  const ids = [...new Set(bodies.flatMap((body) => body.ids))];
  try {
    const wakeAt = engine.clock.now();
    if (ids.length > 0)
      await postpone(
        engine,
        ids.map((id) => ({ id, wakeAt })),
      );
    for (const message of readable) message.ack();
  } catch (error) {
    engine.logger.error('dead letters not handled; they come again', { error });
    for (const message of readable) message.retry({ delaySeconds: REDELIVERY_SECONDS });
  }
}

function limitedTasks({ ids, task: name, alone = false, fresh = false }: Message): Limited[] {
  return name === undefined ? [] : ids.map((id) => ({ id, name, alone, fresh }));
}

/** `errand-high` → `high`; undefined for the dead-letter queue and for queues that are not ours. */
function laneOfQueue(name: string): QueueName | undefined {
  return QUEUES.find((queue) => name.endsWith(`-${queue}`));
}

/** Garbage is logged and acknowledged at once: no redelivery would make sense of it. */
function readMessages(engine: Engine, batch: MessageBatch): { readable: globalThis.Message[]; bodies: Message[] } {
  const readable: globalThis.Message[] = [];
  const bodies: Message[] = [];
  for (const message of batch.messages) {
    const body = Message.safeParse(message.body);
    if (body.success) {
      readable.push(message);
      bodies.push(body.data);
    } else {
      engine.logger.error('garbage in a queue; dropped', { queue: batch.queue, message_id: message.id });
      message.ack();
    }
  }
  return { readable, bodies };
}
