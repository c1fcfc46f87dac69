// The doorbell: queue messages that carry ids, many in one message. A ring is a hint. It may be lost, doubled or late
// without harm, so a failed send is logged and left to the sweep. Must never be awaited before a reply.
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { noteBacklog } from './limits/backlog.ts';
import type { QueueName } from './queues.ts';

/**
 * The body of a queue message. `alone`: these ids are suspected of crashing the isolate and run one at a time. `task`: the
 * definition they share, where that has limits; `fresh`: they are rung for the first time, and stand at the end of its line.
 */
export const Message = z.object({
  ids: z.array(z.uuid()).min(1).max(1000),
  alone: z.boolean().optional(),
  task: z.string().optional(),
  fresh: z.boolean().optional(),
});
export type Message = z.infer<typeof Message>;

export interface Ring {
  id: string;
  /** The definition's. */
  name: string;
  queue: QueueName;
  /** Epoch milliseconds; in the past: at once. */
  dueAt: number;
  /** Sent in a message of its own, to be run alone. */
  alone?: boolean;
  /** New, and due: of a rate-limited definition it stands at the end of the line. */
  fresh?: boolean;
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
    for (const part of splitSends(messages)) {
      const sending = engine.queues[queue].sendBatch(part);
      sends.push(sending.then((sent) => noteBacklog(engine, queue, sent?.metadata.metrics.backlogCount)));
    }
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
  const groups = new Map<string, { delaySeconds: number; rings: Ring[] }>();
  for (const ring of rings) {
    const delaySeconds = Math.max(0, Math.ceil((ring.dueAt - now) / 1000));
    if (delaySeconds > MAX_RING_DELAY_SECONDS) continue;
    const { queue, name } = ring;
    const kind = isLimited(engine, name) ? `${name} ${ring.fresh ?? false}` : '';
    const key = ring.alone ? ring.id : `${queue} ${delaySeconds} ${kind}`;
    const group = groups.get(key) ?? { delaySeconds, rings: [] };
    group.rings.push(ring);
    groups.set(key, group);
  }
  const byQueue = new Map<QueueName, Sendable[]>();
  for (const { delaySeconds, rings: alike } of groups.values()) {
    const [first] = alike;
    if (!first) continue;
    const messages = byQueue.get(first.queue) ?? [];
    byQueue.set(first.queue, messages);
    const size = engine.settings.lanes[first.queue].idsPerMessage;
    for (let at = 0; at < alike.length; at += size) {
      const body = bodyOf(engine, first, alike.slice(at, at + size));
      messages.push({ body, contentType: 'json', delaySeconds });
    }
  }
  return byQueue;
}

function bodyOf(engine: Engine, { name, alone, fresh }: Ring, rings: readonly Ring[]): Message {
  return {
    ids: rings.map(({ id }) => id),
    ...(alone && { alone }),
    ...(isLimited(engine, name) && { task: name, ...(fresh && { fresh }) }),
  };
}

/** Do tasks of this name need more than a free place to start? */
export function isLimited(engine: Engine, name: string): boolean {
  const definition = engine.registry.get(name);
  return definition?.rateLimit !== undefined || definition?.concurrency !== undefined;
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
