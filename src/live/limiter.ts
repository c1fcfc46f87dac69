// A rate limiter for one name (an API key, an address, a definition): GCRA in a Durable Object, exact over all isolates.
// The state for requests is in memory only: an evicted object was idle, and after an idle minute nothing is left to
// remember. The slots of tasks are in the future, so they are stored.
import { DurableObject } from 'cloudflare:workers';
import { type Answer, type Asking, type Line, type Pacer, shorten, takeSlots } from '../engine/manage.ts';

export interface Grant {
  allowed: boolean;
  /** Whole seconds until the next call is allowed; 0 when this call was allowed. */
  retryAfterSeconds: number;
}

export class Limiter extends DurableObject {
  /** GCRA's theoretical arrival time, epoch milliseconds. */
  private arrival = 0;

  /** Allows `limit` calls per minute, with bursts of up to `limit` calls. `now`: epoch milliseconds. */
  take(limit: number, now: number): Grant {
    const step = 60_000 / limit;
    const arrival = Math.max(this.arrival, now);
    const early = arrival - now - (60_000 - step);
    if (early > 0) return { allowed: false, retryAfterSeconds: Math.ceil(early / 1000) };
    this.arrival = arrival + step;
    return { allowed: true, retryAfterSeconds: 0 };
  }

  /** Gives start times (slots) to tasks; see takeSlots(). */
  reserve(asking: Asking): Answer {
    const { kv } = this.ctx.storage;
    const { line, answer } = takeSlots(kv.get<Line>('line') ?? { next: 0, tail: 0, spacing: asking.spacing }, asking);
    kv.put('line', line);
    return answer;
  }

  /** Removes `count` tasks from the waiting line: they were revoked. */
  release(count: number): void {
    const line = this.ctx.storage.kv.get<Line>('line');
    if (line) this.ctx.storage.kv.put('line', shorten(line, count));
  }
}

/** The limiter answers within milliseconds. After this time it counts as away. */
export const ANSWER_MS = 2000;

/** The answer of a limiter. Rejects when it does not come within ANSWER_MS. */
export async function inTime<Answered>(answer: Promise<Answered>): Promise<Answered> {
  const answered = new AbortController();
  const tooLate = async () => {
    await scheduler.wait(ANSWER_MS, { signal: answered.signal });
    throw new Error(`The limiter did not answer within ${ANSWER_MS} ms.`);
  };
  try {
    return await Promise.race([answer, tooLate()]);
  } finally {
    answered.abort();
  }
}

/** The port through which the engine gets slots: one object per definition. */
export function createPacer(limiters: DurableObjectNamespace<Limiter>): Pacer {
  const of = (name: string) => limiters.getByName(`task:${name}`);
  return {
    reserve: (name, asking) => inTime(of(name).reserve(asking)),
    release: (name, count) => inTime(of(name).release(count)),
  };
}
