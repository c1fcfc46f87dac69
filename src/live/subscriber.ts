// What the feed knows about one client. It is stored with the client's WebSocket, so that it survives the object's sleep.
import { parse, stringify } from 'uuid';

/** `all`, or a set of task ids; undefined before the first request. */
export type Subscription = 'all' | ReadonlySet<string> | undefined;

export interface Subscriber {
  subscription: Subscription;
  /** The minute that `requests` counts, in minutes since the epoch. */
  minute: number;
  requests: number;
  /** When the client connected, epoch milliseconds. */
  since: number;
  /** Characters sent to the client. */
  sent: number;
}

/** Cloudflare allows at most 2,048 bytes. 100 ids fit only as bytes, 16 each. */
interface Attachment {
  all: boolean;
  ids: Uint8Array | undefined;
  minute: number;
  requests: number;
  since: number;
  sent: number;
}

const ID_BYTES = 16;
/** Avoids unpacking up to 100 ids for each message. */
const known = new WeakMap<WebSocket, Subscriber>();

export const newSubscriber = (since: number): Subscriber => ({
  subscription: undefined,
  minute: 0,
  requests: 0,
  since,
  sent: 0,
});

/** What is stored with a WebSocket; counts of 0 and no subscription when nothing is stored. */
export function readSubscriber(socket: WebSocket): Subscriber {
  const remembered = known.get(socket);
  if (remembered) return remembered;
  const attachment = socket.deserializeAttachment() as Attachment | null;
  const { all = false, ids, ...counted } = attachment ?? { minute: 0, requests: 0, since: 0, sent: 0 };
  const subscriber: Subscriber = { ...counted, subscription: all ? 'all' : ids && unpack(ids) };
  known.set(socket, subscriber);
  return subscriber;
}

/** Stores the subscriber with its WebSocket. At most 100 task ids fit. */
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
