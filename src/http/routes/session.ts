// /session: sign in to the dashboard with an API key, show the caller, sign out.
import { z } from '@hono/zod-openapi';
import { type ApiKey, SCOPES } from '../../access/index.ts';
import { callerNetwork } from '../caller-address.ts';
import { jsonBody, jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { callerOf, isOpen } from '../middleware/authorize.ts';
import { limitRate } from '../middleware/limit-rate.ts';
import {
  clearSessionCookie,
  readSessionToken,
  refuseForeignOrigin,
  setSessionCookie,
} from '../middleware/session-cookie.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

/** Attempts to sign in from one address in a minute. */
const SIGN_IN_RATE_LIMIT = 10;

const SessionJson = z
  .object({
    open: z.boolean().describe('Open mode: no API key is needed'),
    scopes: z.array(z.enum(SCOPES)).describe('Empty for a caller who is not signed in'),
    name: z.string().optional().describe('The name of the API key'),
    prefix: z.string().optional(),
  })
  .openapi('Session');

const create = route({
  method: 'post',
  path: '/session',
  access: 'open',
  refuses: ['unauthorized', 'forbidden', 'rate_limited', 'limiter_unavailable'],
  summary: 'Sign in with an API key: the reply sets a cookie that stands for it for twelve hours',
  request: { body: jsonBody(strictObject({ key: z.string().trim().min(1).max(200).describe('The API key') })) },
  responses: {
    200: jsonReply('Signed in', SessionJson),
  },
});

const get = route({
  method: 'get',
  path: '/session',
  access: 'open',
  refuses: ['forbidden'],
  summary: 'The caller and its scopes',
  responses: { 200: jsonReply('The caller', SessionJson) },
});

const end = route({
  method: 'delete',
  path: '/session',
  access: 'open',
  refuses: ['forbidden'],
  summary: 'Sign out',
  responses: { 204: { description: 'The caller is signed out' } },
});

export const session = resource()
  .openapi(create, async (c) => {
    // A page of another site must not sign its visitor in to an API key of its own.
    if (c.req.header('origin') !== undefined) refuseForeignOrigin(c);
    await limitRate(c, { name: `session:${callerNetwork(c)}`, limit: SIGN_IN_RATE_LIMIT });
    const signIn = await c.var.access.signIn(c.req.valid('json').key);
    if (!signIn) {
      const detail = 'This API key is unknown, expired or revoked. `npm run key` makes another one.';
      throw new HttpProblem('unauthorized', { detail });
    }
    setSessionCookie(c, signIn.token, signIn.seconds);
    return c.json(sessionJson(c, signIn.apiKey), 200);
  })
  .openapi(get, async (c) => c.json(sessionJson(c, isOpen(c) ? undefined : await callerOf(c)), 200))
  .openapi(end, async (c) => {
    const token = readSessionToken(c);
    if (token !== undefined) {
      refuseForeignOrigin(c);
      await c.var.access.signOut(token);
      clearSessionCookie(c);
    }
    return c.body(null, 204);
  });

function sessionJson(c: HttpContext, apiKey: ApiKey | undefined): z.infer<typeof SessionJson> {
  const open = isOpen(c);
  if (apiKey) return { open, scopes: apiKey.scopes, name: apiKey.name, prefix: apiKey.prefix };
  return { open, scopes: open ? ['admin'] : [] };
}
