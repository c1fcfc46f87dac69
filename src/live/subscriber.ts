// What the feed knows of one client, kept with its socket, so that it outlives the object's sleep.
import { parse, stringify } from 'uuid';

/** `all`, or the ids of tasks; undefined before the first request. */
export type Subscription = 'all' | ReadonlySet<string> | undefined;

export interface Subscriber {
  subscription: Subscription;
  /** Requests in the minute that began at `minute` (epoch minutes). */
  minute: number;
  requests: number;
}

/** At most 2,048 bytes: a hundred ids fit as bytes only, sixteen each. */
interface Attachment {
  all: boolean;
  ids: Uint8Array | undefined;
  minute: number;
  requests: number;
}

const ID_BYTES = 16;
/** Spares unpacking a hundred ids for each message. */
const known = new WeakMap<WebSocket, Subscriber>();

export function readSubscriber(socket: WebSocket): Subscriber {
  const remembered = known.get(socket);
  if (remembered) return remembered;
  const attachment = socket.deserializeAttachment() as Attachment | null;
  const { all = false, ids, minute = 0, requests = 0 } = attachment ?? {};
  const subscriber = { subscription: all ? ('all' as const) : ids && unpack(ids), minute, requests };
  known.set(socket, subscriber);
  return subscriber;
}

export function writeSubscriber(socket: WebSocket, subscriber: Subscriber): void {
  const { subscription, minute, requests } = subscriber;
  const all = subscription === 'all';
  const ids = subscription === 'all' || !subscription ? undefined : pack([...subscription]);
  socket.serializeAttachment({ all, ids, minute, requests } satisfies Attachment);
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
