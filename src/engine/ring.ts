// The doorbell: queue messages that carry ids, many in one message. A ring is a hint. It may be lost, doubled or late
// without harm, so a failed send is logged and left to the sweep. Must never be awaited before a reply.
import { z } from 'zod';
import type { Engine } from './engine.ts';
import type { QueueName } from './queues.ts';

/** The body of a queue message. `alone`: these ids are suspected of crashing the isolate and run one at a time. */
export const Message = z.object({
  ids: z.array(z.uuid()).min(1).max(1000),
  alone: z.boolean().optional(),
});
export type Message = z.infer<typeof Message>;

export interface Ring {
  id: string;
  queue: QueueName;
  /** Epoch milliseconds; in the past: at once. */
  dueAt: number;
  /** Sent in a message of its own, to be run alone. */
  alone?: boolean;
}

/** The longest delay a ring is sent with; what is due later is left to the sweep. Half of the 24 h a message may live on the free plan. */
export const MAX_RING_DELAY_SECONDS = 12 * 3600;
/** Cloudflare Queues' limit for one sendBatch(). Its 256 KB are kept by MAX_IDS_PER_SEND. */
const MAX_MESSAGES_PER_SEND = 100;
/** 39 bytes an id. */
const MAX_IDS_PER_SEND = 6000;

/** Rings without keeping the caller waiting; in eager mode runs the tasks now, in the caller. */
export async function announce(engine: Engine, rings: readonly Ring[]): Promise<void> {
  if (rings.length === 0) return;
  if (engine.runNow) await engine.runNow(rings);
  else engine.defer(ring(engine, rings));
}

/** Rings for tasks due within MAX_RING_DELAY_SECONDS. Resolves when all sends have been tried; never rejects. */
export async function ring(engine: Engine, rings: readonly Ring[]): Promise<void> {
  const now = engine.clock.now();
  const sends: Promise<unknown>[] = [];
  for (const [queue, messages] of packMessages(engine, rings, now)) {
    for (const part of splitSends(messages)) sends.push(engine.queues[queue].sendBatch(part));
  }
  for (const outcome of await Promise.allSettled(sends)) {
    if (outcome.status === 'rejected')
      engine.logger.warn('ring failed; the sweep will ring', { error: outcome.reason });
  }
}

/** When the sweep has to look at a task: soon after its ring should have been heard, or before a far due time. */
export function wakeTime(engine: Engine, dueAt: number, now: number): number {
  const grace = engine.settings.ringGraceSeconds * 1000;
  if (dueAt - now > MAX_RING_DELAY_SECONDS * 1000) return dueAt - (MAX_RING_DELAY_SECONDS * 1000) / 2;
  return Math.max(dueAt, now) + grace;
}

type Sendable = MessageSendRequest<Message>;

function packMessages(engine: Engine, rings: readonly Ring[], now: number): Map<QueueName, Sendable[]> {
  const groups = new Map<string, { queue: QueueName; delaySeconds: number; ids: string[] }>();
  const byQueue = new Map<QueueName, Sendable[]>();
  const add = (queue: QueueName, body: Message, delaySeconds: number) => {
    const messages = byQueue.get(queue) ?? [];
    messages.push({ body, contentType: 'json', delaySeconds });
    byQueue.set(queue, messages);
  };
  for (const { id, queue, dueAt, alone } of rings) {
    const delaySeconds = Math.max(0, Math.ceil((dueAt - now) / 1000));
    if (delaySeconds > MAX_RING_DELAY_SECONDS) continue;
    if (alone) {
      add(queue, { ids: [id], alone: true }, delaySeconds);
      continue;
    }
    const key = `${queue} ${delaySeconds}`;
    const group = groups.get(key) ?? { queue, delaySeconds, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  for (const { queue, delaySeconds, ids } of groups.values()) {
    const size = engine.settings.lanes[queue].idsPerMessage;
    for (let at = 0; at < ids.length; at += size) add(queue, { ids: ids.slice(at, at + size) }, delaySeconds);
  }
  return byQueue;
}

function splitSends(messages: Sendable[]): Sendable[][] {
  const parts: Sendable[][] = [];
  let part: Sendable[] = [];
  let ids = 0;
  for (const message of messages) {
    ids += message.body.ids.length;
    if (part.length === MAX_MESSAGES_PER_SEND || ids > MAX_IDS_PER_SEND) {
      parts.push(part);
      part = [];
      ids = message.body.ids.length;
    }
    part.push(message);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
