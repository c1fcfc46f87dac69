// Who may call what: an API key with the scope a route asks for, the session of somebody who signed in with one, or open
// mode, which answers loopback names only.
import { createMiddleware } from 'hono/factory';
import { timingSafeEqual } from 'hono/utils/buffer';
import type { HttpContext, HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { type ApiKeyRow, findApiKey, findSession, touchApiKey } from '../store.ts';
import { readSessionToken, refuseForeignOrigin } from './session.ts';

export const SCOPES = ['tasks:read', 'tasks:write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** What each scope includes. */
const INCLUDES: Record<Scope, readonly Scope[]> = {
  'tasks:read': ['tasks:read'],
  'tasks:write': ['tasks:write'],
  admin: ['admin', 'tasks:read', 'tasks:write'],
};

/** What every key looks like, and no session's token. */
const KEY = /^errand_[\w-]{20,100}$/;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** How long an isolate trusts what it read about a key: a revocation takes so long to reach every isolate. */
const CACHE_MS = 30_000;
const CACHE_KEYS = 1000;
/** `last_used_at` is for people; this is precise enough for them. */
const TOUCH_MS = 5 * 60_000;

/** A key as it was read; through a session, also when that ends (epoch milliseconds). */
type Known = ApiKeyRow & { sessionExpiresAt?: number };

/** Lets the request pass, or throws HttpProblem `unauthorized`, `forbidden`, `rate_limited`. */
export const authorize = (scope: Scope) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    if (!isOpen(c)) await checkKey(c, scope);
    await next();
  });

/** GET /metrics: as `tasks:read`, or with METRICS_TOKEN as the bearer: what scrapes has no other business here. */
export const authorizeMetrics = createMiddleware<HttpEnv>(async (c, next) => {
  const { METRICS_TOKEN: token } = c.var.services.settings;
  const given = c.req.header('authorization')?.match(/^Bearer +(.+)$/i)?.[1];
  const known = token !== undefined && given !== undefined && (await timingSafeEqual(given, token));
  if (!known && !isOpen(c)) await checkKey(c, 'tasks:read');
  await next();
});

/** No key is needed here. Throws HttpProblem `forbidden` for what a page of another site sends. */
export function isOpen(c: HttpContext): boolean {
  if (c.var.services.settings.AUTH !== 'open' || !LOOPBACK.has(new URL(c.req.url).hostname)) return false;
  // A page of another site, open in the developer's browser, must not act here.
  if (c.req.header('sec-fetch-site') === 'cross-site') throw new HttpProblem('forbidden');
  return true;
}

async function checkKey(c: HttpContext, scope: Scope): Promise<void> {
  const key = await callerKey(c);
  if (!key) throw new HttpProblem('unauthorized');
  await limit(c, key);
  if (!scopesOf(key).some((held) => INCLUDES[held]?.includes(scope))) throw new HttpProblem('forbidden');
  touch(c, key);
}

/** The good key that a request carries or, without an `Authorization` header, that its session stands for. */
export async function callerKey(c: HttpContext): Promise<ApiKeyRow | undefined> {
  const header = c.req.header('authorization');
  if (header !== undefined) {
    const [, token] = header.match(/^Bearer +(\S+)$/i) ?? [];
    return token === undefined ? undefined : keyOf(c, token);
  }
  const token = readSessionToken(c);
  if (token === undefined) return undefined;
  refuseForeignOrigin(c);
  return goodKey(c, await hashOf(token), findSession);
}

/** The key behind the text of one, if it is good. A session's token is no key: it would renew itself. */
export async function keyOf(c: HttpContext, token: string): Promise<ApiKeyRow | undefined> {
  if (!KEY.test(token)) return undefined;
  return goodKey(c, await hashOf(token), findApiKey);
}

export function scopesOf(key: ApiKeyRow): Scope[] {
  return JSON.parse(key.scopes) as Scope[];
}

/** SHA-256, hex: what is stored of a key or a session's token. */
export async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const cache = new Map<string, { key: Known; until: number }>();

/** Makes this isolate read again what it knows of keys and sessions: one of them was just ended. */
export function forgetKeys(): void {
  cache.clear();
}

async function goodKey(
  c: HttpContext,
  hash: string,
  find: (db: D1Database, hash: string) => Promise<Known | undefined>,
): Promise<ApiKeyRow | undefined> {
  const { db, engine } = c.var.services;
  const now = engine.clock.now();
  const known = cache.get(hash);
  const key = known && known.until > now ? known.key : await find(db, hash);
  if (!key) return undefined;
  if (key !== known?.key) {
    if (cache.size >= CACHE_KEYS) cache.clear();
    cache.set(hash, { key, until: now + CACHE_MS });
  }
  const ended = [key.revokedAt === null ? null : 0, key.expiresAt, key.sessionExpiresAt ?? null];
  return ended.some((at) => at !== null && at <= now) ? undefined : key;
}

async function limit(c: HttpContext, key: ApiKeyRow): Promise<void> {
  const { engine, settings, allow } = c.var.services;
  // A deploy resets the limiter's object; a known caller does not pay for that.
  const { allowed, retryAfterSeconds } = await allow(`key:${key.hash}`, settings.KEY_RATE_LIMIT).catch(
    (error: unknown) => {
      engine.logger.warn('the request limiter did not answer', { request_id: c.get('requestId'), error });
      return { allowed: true, retryAfterSeconds: 0 };
    },
  );
  if (!allowed) throw new HttpProblem('rate_limited', { retryAfterSeconds });
}

function touch(c: HttpContext, key: ApiKeyRow): void {
  const { db, engine } = c.var.services;
  const now = engine.clock.now();
  if (now - (key.lastUsedAt ?? 0) <= TOUCH_MS) return;
  key.lastUsedAt = now;
  engine.defer(touchApiKey(db, key.hash, now));
}
