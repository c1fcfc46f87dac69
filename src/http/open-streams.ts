// Limits the streams that this isolate holds open, in all and for each caller. A request that waits for a task (`?wait=`) counts
// as a stream. An isolate may end a cancelled request without running its code, so a stream that was not used for a while no
// longer counts.
import type { HttpContext } from './env.ts';
import { HttpProblem } from './problem.ts';

/** A stream that was not used for this long has ended unseen. Streams are used about every half second. */
const UNUSED_MS = 15_000;
const RETRY_AFTER_SECONDS = 5;

export interface OpenStream {
  /** Says that the stream is still open. Returns true when its client has gone. */
  isOver(): boolean;
  close(): void;
}

interface Counted {
  /** The hash of the API key; undefined in open mode. */
  caller: string | undefined;
  /** Epoch milliseconds. */
  usedAt: number;
}

const openStreams = new WeakMap<HttpContext['var']['services'], Set<Counted>>();

/**
 * Counts a stream of this request until it is closed or its client disconnects.
 * Throws HttpProblem `too_many_streams`.
 */
export function openStream(c: HttpContext): OpenStream {
  const { services } = c.var;
  const caller = c.var.caller?.hash;
  const { clock } = services.engine;
  const open = openIn(services, clock.now());
  const { MAX_STREAMS, MAX_STREAMS_PER_KEY } = services.settings;
  if (open.size >= MAX_STREAMS) throw tooMany(`The server has ${MAX_STREAMS} open streams`);
  const own = [...open].filter((stream) => stream.caller === caller).length;
  if (own >= MAX_STREAMS_PER_KEY) throw tooMany(`The API key has ${MAX_STREAMS_PER_KEY} open streams`);
  const stream: Counted = { caller, usedAt: clock.now() };
  open.add(stream);
  const close = () => void open.delete(stream);
  const { signal } = c.req.raw;
  signal.addEventListener('abort', close);
  return {
    close,
    isOver() {
      stream.usedAt = clock.now();
      return signal.aborted;
    },
  };
}

function openIn(services: HttpContext['var']['services'], now: number): Set<Counted> {
  const open = openStreams.get(services) ?? new Set();
  openStreams.set(services, open);
  for (const stream of open) if (now - stream.usedAt >= UNUSED_MS) open.delete(stream);
  return open;
}

function tooMany(fact: string): HttpProblem {
  const detail = `${fact}, the most that are allowed. Close one, or ask GET /tasks/{id} from time to time.`;
  return new HttpProblem('too_many_streams', { detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
