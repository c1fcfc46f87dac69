// The doorbell that deployed Workers use: messages on Cloudflare Queues, each with many ids. A message may be lost, doubled
// or late without harm, so a failed send is logged and left to the sweep.
import { batchSize, splitFull, waitSeconds } from './batch/rule.ts';
import { hasLimits } from './declaration.ts';
import { MAX_RING_DELAY_SECONDS } from './doorbell.ts';
import type { Backlog, Doorbell, Engine } from './engine.ts';
import { noteBacklog } from './limits/backlog.ts';
import { QUEUES, type QueueName } from './queues.ts';
import type { Ring, RingMessage } from './ring.ts';
import { workHere } from './work.ts';

/** Cloudflare Queues' limit for one sendBatch(). Its 256 KB are kept by MAX_IDS_PER_SEND. */
const MAX_MESSAGES_PER_SEND = 100;
/** 39 bytes an id. */
const MAX_IDS_PER_SEND = 6000;

type Sendable = MessageSendRequest<RingMessage>;

export function createQueueDoorbell(queues: Record<QueueName, Queue>): Doorbell {
  const ring: Doorbell['ring'] = async (engine, rings) => {
    const sends: Promise<unknown>[] = [];
    for (const [queue, messages] of packMessages(engine, rings)) {
      for (const part of splitSends(messages)) {
        const sending = queues[queue].sendBatch(part);
        sends.push(sending.then((sent) => noteBacklog(engine, queue, sent?.metadata.metrics.backlogCount)));
      }
    }
    for (const outcome of await Promise.allSettled(sends)) {
      if (outcome.status === 'rejected')
        engine.logger.warn('queue message not sent; the sweep sends it again', { error: outcome.reason });
    }
  };
  return {
    ring,
    announce: async (engine, rings) => engine.defer(ring(engine, rings)),
    backlogOf: (engine, queue) => backlogOf(engine, queue, queues[queue]),
    startHere: async (engine, started, ended) => engine.defer(workHere(engine, started).finally(ended)),
    dueBy: (now) => now,
    keepsLimits: true,
    joinsCalls: true,
  };
}

async function backlogOf(engine: Engine, name: QueueName, queue: Queue): Promise<Backlog | undefined> {
  try {
    const { backlogCount, backlogBytes, oldestMessageTimestamp } = await queue.metrics();
    noteBacklog(engine, name, backlogCount);
    const oldestAt =
      backlogCount > 0 && oldestMessageTimestamp ? new Date(oldestMessageTimestamp).getTime() : undefined;
    return { messages: backlogCount, bytes: backlogBytes, oldestAt };
  } catch (error) {
    engine.logger.warn('queue metrics failed', { queue: name, error });
    return undefined;
  }
}

function packMessages(engine: Engine, rings: readonly Ring[]): Map<QueueName, Sendable[]> {
  const now = engine.clock.now();
  const groups = new Map<string, { delaySeconds: number; rings: Ring[] }>();
  for (const ring of rings) {
    const delaySeconds = Math.max(0, Math.ceil((ring.dueAt - now) / 1000));
    if (delaySeconds > MAX_RING_DELAY_SECONDS) continue;
    const { queue, name } = ring;
    const kind = isNamed(engine, name) ? `${name} ${ring.returning ?? false}` : '';
    const alike = ring.alone ? ring.id : `${queue} ${delaySeconds} ${kind}`;
    const group = groups.get(alike) ?? { delaySeconds, rings: [] };
    group.rings.push(ring);
    groups.set(alike, group);
  }
  const byQueue = new Map<QueueName, Sendable[]>();
  for (const { delaySeconds, rings: alike } of groups.values()) {
    const [first] = alike;
    if (!first) continue;
    const messages = byQueue.get(first.queue) ?? [];
    byQueue.set(first.queue, messages);
    for (const { part, waits } of partsOf(engine, first, alike)) {
      messages.push({ body: bodyOf(engine, first, part), contentType: 'json', delaySeconds: delaySeconds + waits });
    }
  }
  return byQueue;
}

/** True when its tasks travel in messages of their own, which name the definition. */
function isNamed(engine: Engine, name: string): boolean {
  const definition = engine.registry.get(name);
  return hasLimits(definition) || definition?.batch !== undefined;
}

/** The rings of each message, and the seconds it waits for tasks that share a batch with its own. A full batch does not wait. */
function partsOf(
  engine: Engine,
  { name, queue, alone }: Ring,
  rings: readonly Ring[],
): { part: Ring[]; waits: number }[] {
  const most = QUEUES[queue].idsPerMessage;
  const definition = alone ? undefined : engine.registry.get(name);
  const size = definition && batchSize(definition);
  if (size === undefined) return cut(rings, most).map((part) => ({ part, waits: 0 }));
  const { full, rest } = splitFull(size, rings);
  const whole = cut(full, Math.max(1, Math.floor(most / size)) * size).map((part) => ({ part, waits: 0 }));
  return rest.length > 0 ? [...whole, { part: rest, waits: waitSeconds(definition) }] : whole;
}

function cut<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

function bodyOf(engine: Engine, { name, alone, returning }: Ring, rings: readonly Ring[]): RingMessage {
  return {
    ids: rings.map(({ id }) => id),
    ...(alone && { alone }),
    ...(isNamed(engine, name) && { task: name, ...(returning && { returning }) }),
  };
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
