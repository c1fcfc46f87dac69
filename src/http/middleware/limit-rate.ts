// How often a caller may call, counted over all isolates by the limiter.
import type { Grant } from '../../live/limiter.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';

/** `Retry-After` while the limiter is away. */
const AWAY_SECONDS = 5;

export interface Rate {
  /** Who calls: `key:…`, `session:…`, `register:…`. */
  name: string;
  /** Calls a minute. */
  limit: number;
}

/** For callers that are not known yet. Throws HttpProblem `rate_limited`, `limiter_unavailable`. */
export async function limitRate(c: HttpContext, rate: Rate): Promise<void> {
  const grant = await askLimiter(c, rate);
  if (!grant) throw new HttpProblem('limiter_unavailable', { retryAfterSeconds: AWAY_SECONDS });
  refuseIfOver(grant);
}

/**
 * For callers with a valid API key. If the limiter does not answer, the call passes: a deploy resets the limiter, and a known
 * caller must not notice. Throws HttpProblem `rate_limited`.
 */
export async function limitKnownCaller(c: HttpContext, rate: Rate): Promise<void> {
  const grant = await askLimiter(c, rate);
  if (grant) refuseIfOver(grant);
}

/** undefined: the limiter did not answer. */
async function askLimiter(c: HttpContext, { name, limit }: Rate): Promise<Grant | undefined> {
  const { engine, allow } = c.var.services;
  try {
    return await allow(name, limit);
  } catch (error) {
    engine.logger.warn('the request limiter did not answer', { request_id: c.get('requestId'), error });
    return undefined;
  }
}

function refuseIfOver({ allowed, retryAfterSeconds }: Grant): void {
  if (!allowed) throw new HttpProblem('rate_limited', { retryAfterSeconds });
}
