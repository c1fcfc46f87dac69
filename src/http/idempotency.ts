// The header `Idempotency-Key`. A route that makes something takes it, or refuses it (`refusesKey` of route()), or a repeat of its request has
// no second effect. No route may ignore it otherwise: a caller that sends it relies on it.
import { z } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { HttpContext, HttpEnv } from './env.ts';
import { HttpProblem } from './problem.ts';

const HEADER = 'idempotency-key';

const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe('For 24 hours, the same key with the same content gives the first reply’s task; other content is refused');

/** The request headers of a route that takes an idempotency key. */
export const idempotencyHeader = z.object({ [HEADER]: idempotencyKey });

/** The idempotency key of a request whose route has checked it with `idempotencyHeader`. */
export function idempotencyKeyOf(c: HttpContext): string | undefined {
  return c.req.header(HEADER);
}

/** Refuses the header: `invalid_request`. `instead`: what the caller can do. */
export function refuseIdempotencyKey(instead: string) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (c.req.header(HEADER) !== undefined) {
      const message = `This route takes no idempotency key. ${instead}`;
      throw new HttpProblem('invalid_request', { issues: [{ path: HEADER, message }] });
    }
    await next();
  });
}
