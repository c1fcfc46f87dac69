// A rate limiter for one name (an API key, an address): GCRA in a Durable Object, so that it is exact over all isolates.
// The state is one number and lives in memory: an object that was evicted had been idle, and idle means nothing is owed.
import { DurableObject } from 'cloudflare:workers';

export interface Grant {
  allowed: boolean;
  /** Whole seconds until the next call would be allowed; 0 when this one was. */
  retryAfterSeconds: number;
}

export class Limiter extends DurableObject {
  /** GCRA's theoretical arrival time, epoch milliseconds. */
  private arrival = 0;

  /** Allows `limit` calls a minute, with bursts up to `limit`. `now`: epoch milliseconds. */
  take(limit: number, now: number): Grant {
    const step = 60_000 / limit;
    const arrival = Math.max(this.arrival, now);
    const early = arrival - now - (60_000 - step);
    if (early > 0) return { allowed: false, retryAfterSeconds: Math.ceil(early / 1000) };
    this.arrival = arrival + step;
    return { allowed: true, retryAfterSeconds: 0 };
  }
}
