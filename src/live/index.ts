// The room's door: its Durable Objects, and what the rest of the Worker reaches them by.
import { type Pacer, systemClock, type TaskUpdate } from '../engine/manage.ts';
import type { Feed } from './feed.ts';
import { createPacer, type Grant, type Limiter } from './limiter.ts';

export { Feed } from './feed.ts';
export { Limiter } from './limiter.ts';

export interface Live {
  pacer: Pacer;
  /** For the engine: tells the feed. Rejects when it cannot be reached. */
  publish(events: readonly TaskUpdate[]): Promise<void>;
  /** For GET /live: 101 with a WebSocket, or 503 when the feed is full. Rejects when D1 is away. */
  connect(): Promise<Response>;
  /** Allows `limit` calls a minute under a name. */
  allow(name: string, limit: number): Promise<Grant>;
}

export function createLive(env: {
  LIMITER: DurableObjectNamespace<Limiter>;
  LIVE: DurableObjectNamespace<Feed>;
}): Live {
  const feed = () => env.LIVE.getByName('all');
  return {
    pacer: createPacer(env.LIMITER),
    async publish(events) {
      await feed().publish(events);
    },
    // A request of its own: nothing that a caller sent goes further than the route.
    connect: () => feed().fetch('https://live/', { headers: { upgrade: 'websocket' } }),
    async allow(name, limit) {
      return env.LIMITER.getByName(name).take(limit, systemClock.now());
    },
  };
}
