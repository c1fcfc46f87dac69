// A rate limiter for one name (an API key, an address, a definition): GCRA in a Durable Object, so that it is exact over all
// isolates. What requests owe lives in memory: an object that was evicted had been idle, and idle means nothing is owed.
// Slots that were promised to tasks lie in the future and are kept.
import { DurableObject } from 'cloudflare:workers';
import { type Answer, type Asking, type Line, type Pacer, shorten, takeSlots } from '../engine/manage.ts';

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

  /** Slots for tasks; see takeSlots. */
  reserve(asking: Asking): Answer {
    const { kv } = this.ctx.storage;
    const { line, answer } = takeSlots(kv.get<Line>('line') ?? { next: 0, tail: 0, spacing: asking.spacing }, asking);
    kv.put('line', line);
    return answer;
  }

  /** So many of the line will not come back. */
  release(count: number): void {
    const line = this.ctx.storage.kv.get<Line>('line');
    if (line) this.ctx.storage.kv.put('line', shorten(line, count));
  }
}

/** What the engine asks for slots: one object per definition. */
export function createPacer(limiters: DurableObjectNamespace<Limiter>): Pacer {
  const of = (name: string) => limiters.getByName(`task:${name}`);
  return {
    reserve: (name, asking) => of(name).reserve(asking),
    release: (name, count) => of(name).release(count),
  };
}
