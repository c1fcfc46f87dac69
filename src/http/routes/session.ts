// /session: sign in to the dashboard with an API key, ask who one is, sign out.
import { z } from '@hono/zod-openapi';
import { callerNetwork } from '../caller-address.ts';
import type { HttpContext } from '../env.ts';
import { callerKey, forgetKeys, hashOf, isOpen, keyOf, SCOPES, scopesOf } from '../middleware/authorize.ts';
import { clearSessionCookie, readSessionToken, refuseForeignOrigin, setSessionCookie } from '../middleware/session.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { type ApiKeyRow, deleteSession, insertSession } from '../store.ts';

/** A working day; then one signs in again. */
const SESSION_SECONDS = 12 * 60 * 60;
/** Attempts to sign in, a minute, from one address. */
const SIGN_IN_RATE_LIMIT = 10;

const SessionJson = z
  .object({
    open: z.boolean().describe('No key is needed: open mode'),
    scopes: z.array(z.enum(SCOPES)).describe('Empty when nobody is signed in'),
    name: z.string().optional().describe("The key's"),
    prefix: z.string().optional(),
  })
  .openapi('Session');

const json = { content: { 'application/json': { schema: SessionJson } } };

const create = route({
  method: 'post',
  path: '/session',
  access: 'open',
  summary: 'Sign in with an API key: the reply sets a cookie that stands for it for twelve hours',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ key: z.string().trim().min(1).max(200) }) } },
    },
  },
  responses: { 200: { description: 'Signed in', ...json } },
});

const get = route({
  method: 'get',
  path: '/session',
  access: 'open',
  summary: 'Who the caller is, and what it may do',
  responses: { 200: { description: 'The caller', ...json } },
});

const end = route({
  method: 'delete',
  path: '/session',
  access: 'open',
  summary: 'Sign out',
  responses: { 204: { description: 'Nobody is signed in any more' } },
});

export const session = resource()
  .openapi(create, async (c) => {
    const { db, engine, allow } = c.var.services;
    // Somebody else's page must not sign a browser in to a key of its choice.
    if (c.req.header('origin') !== undefined) refuseForeignOrigin(c);
    const { allowed, retryAfterSeconds } = await allow(`session:${callerNetwork(c)}`, SIGN_IN_RATE_LIMIT);
    if (!allowed) throw new HttpProblem('rate_limited', { retryAfterSeconds });
    const key = await keyOf(c, c.req.valid('json').key);
    if (!key) throw new HttpProblem('unauthorized', { detail: 'this key is unknown, expired or revoked' });
    const token = randomToken();
    const now = engine.clock.now();
    const expiresAt = Math.min(now + SESSION_SECONDS * 1000, key.expiresAt ?? Number.POSITIVE_INFINITY);
    await insertSession(db, { hash: await hashOf(token), keyHash: key.hash, createdAt: now, expiresAt });
    setSessionCookie(c, token, Math.ceil((expiresAt - now) / 1000));
    return c.json(sessionJson(c, key), 200);
  })
  .openapi(get, async (c) => c.json(sessionJson(c, isOpen(c) ? undefined : await callerKey(c)), 200))
  .openapi(end, async (c) => {
    const token = readSessionToken(c);
    if (token !== undefined) {
      refuseForeignOrigin(c);
      await deleteSession(c.var.services.db, await hashOf(token));
      forgetKeys();
      clearSessionCookie(c);
    }
    return c.body(null, 204);
  });

function sessionJson(c: HttpContext, key: ApiKeyRow | undefined): z.infer<typeof SessionJson> {
  const open = isOpen(c);
  if (open && !key) return { open, scopes: ['admin'] };
  return key ? { open, scopes: scopesOf(key), name: key.name, prefix: key.prefix } : { open, scopes: [] };
}

function randomToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
