// What the feed knows of one client, kept with its socket, so that it outlives the object's sleep.
import { parse, stringify } from 'uuid';

/** `all`, or the ids of tasks; undefined before the first request. */
export type Subscription = 'all' | ReadonlySet<string> | undefined;

export interface Subscriber {
  subscription: Subscription;
  /** Requests in the minute that began at `minute` (epoch minutes). */
  minute: number;
  requests: number;
  /** When it connected, epoch milliseconds. */
  since: number;
  /** Characters sent to it. */
  sent: number;
}

/** At most 2,048 bytes: a hundred ids fit as bytes only, sixteen each. */
interface Attachment {
  all: boolean;
  ids: Uint8Array | undefined;
  minute: number;
  requests: number;
  since: number;
  sent: number;
}

const ID_BYTES = 16;
/** Spares unpacking a hundred ids for each message. */
const known = new WeakMap<WebSocket, Subscriber>();

export const newSubscriber = (since: number): Subscriber => ({
  subscription: undefined,
  minute: 0,
  requests: 0,
  since,
  sent: 0,
});

export function readSubscriber(socket: WebSocket): Subscriber {
  const remembered = known.get(socket);
  if (remembered) return remembered;
  const attachment = socket.deserializeAttachment() as Attachment | null;
  const { all = false, ids, ...counted } = attachment ?? { minute: 0, requests: 0, since: 0, sent: 0 };
  const subscriber: Subscriber = { ...counted, subscription: all ? 'all' : ids && unpack(ids) };
  known.set(socket, subscriber);
  return subscriber;
}

export function writeSubscriber(socket: WebSocket, subscriber: Subscriber): void {
  const { subscription, ...counted } = subscriber;
  const all = subscription === 'all';
  const ids = subscription === 'all' || !subscription ? undefined : pack([...subscription]);
  socket.serializeAttachment({ ...counted, all, ids } satisfies Attachment);
  known.set(socket, subscriber);
}

function pack(ids: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * ID_BYTES);
  for (const [index, id] of ids.entries()) bytes.set(parse(id), index * ID_BYTES);
  return bytes;
}

function unpack(bytes: Uint8Array): Set<string> {
  const count = bytes.length / ID_BYTES;
  return new Set(
    Array.from({ length: count }, (_, index) => stringify(bytes.subarray(index * ID_BYTES, (index + 1) * ID_BYTES))),
  );
}
