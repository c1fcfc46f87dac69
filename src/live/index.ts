// The door of the live room: its Durable Objects, and the functions through which the rest of the Worker uses them.
import { type Pacer, systemClock, type TaskUpdate } from '../engine/manage.ts';
import { CALLER_HEADER, type Feed } from './feed.ts';
import { createPacer, type Grant, inTime, type Limiter } from './limiter.ts';

export { Feed } from './feed.ts';
export { Limiter } from './limiter.ts';

export interface Live {
  pacer: Pacer;
  /** Publishes updates for the engine. Rejects when the feed cannot be reached. */
  publish(updates: readonly TaskUpdate[]): Promise<void>;
  /**
   * Connects a client for GET /live: 101 with a WebSocket, or 503 when the feed is full or has too many clients of this
   * caller. Rejects when D1 does not answer.
   */
  connect(caller: string): Promise<Response>;
  /** Allows `limit` calls per minute under a name. Rejects when the limiter does not answer in time. */
  allow(name: string, limit: number): Promise<Grant>;
}

/** The live room of a Worker. All clients are connected to one feed; each name has its own limiter. */
export function createLive(env: {
  LIMITER: DurableObjectNamespace<Limiter>;
  LIVE: DurableObjectNamespace<Feed>;
}): Live {
  const feed = () => env.LIVE.getByName('all');
  return {
    pacer: createPacer(env.LIMITER),
    async publish(updates) {
      await feed().publish(updates);
    },
    // A new request, so that nothing from the caller's request reaches the feed.
    connect: (caller) => feed().fetch('https://live/', { headers: { upgrade: 'websocket', [CALLER_HEADER]: caller } }),
    async allow(name, limit) {
      return inTime(env.LIMITER.getByName(name).take(limit, systemClock.now()));
    },
  };
}
