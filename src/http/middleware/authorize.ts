// Who may call what: an API key with the scope a route asks for, or open mode, which answers loopback names only.
import { createMiddleware } from 'hono/factory';
import { timingSafeEqual } from 'hono/utils/buffer';
import type { HttpContext, HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { type ApiKeyRow, findApiKey, touchApiKey } from '../store.ts';

export type Scope = 'tasks:read' | 'tasks:write' | 'admin';

/** What each scope includes. */
const INCLUDES: Record<Scope, readonly Scope[]> = {
  'tasks:read': ['tasks:read'],
  'tasks:write': ['tasks:write'],
  admin: ['admin', 'tasks:read', 'tasks:write'],
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** How long an isolate trusts what it read about a key: a revocation takes so long to reach every isolate. */
const CACHE_MS = 30_000;
const CACHE_KEYS = 1000;
/** `last_used_at` is for people; this is precise enough for them. */
const TOUCH_MS = 5 * 60_000;

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

function isOpen(c: HttpContext): boolean {
  if (c.var.services.settings.AUTH !== 'open' || !LOOPBACK.has(new URL(c.req.url).hostname)) return false;
  // A page of another site, open in the developer's browser, must not act here.
  if (c.req.header('sec-fetch-site') === 'cross-site') throw new HttpProblem('forbidden');
  return true;
}

async function checkKey(c: HttpContext, scope: Scope): Promise<void> {
  const { db, engine, settings, allow } = c.var.services;
  const [, token] = c.req.header('authorization')?.match(/^Bearer +(errand_[\w-]{20,100})$/i) ?? [];
  if (!token) throw new HttpProblem('unauthorized');
  const now = engine.clock.now();
  const key = await lookUp(db, token, now);
  if (!key || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now))
    throw new HttpProblem('unauthorized');
  // A deploy resets the limiter's object; a known caller does not pay for that.
  const { allowed, retryAfterSeconds } = await allow(`key:${key.hash}`, settings.KEY_RATE_LIMIT).catch(
    (error: unknown) => {
      engine.logger.warn('the request limiter did not answer', { request_id: c.get('requestId'), error });
      return { allowed: true, retryAfterSeconds: 0 };
    },
  );
  if (!allowed) throw new HttpProblem('rate_limited', { retryAfterSeconds });
  const scopes = JSON.parse(key.scopes) as Scope[];
  if (!scopes.some((held) => INCLUDES[held]?.includes(scope))) throw new HttpProblem('forbidden');
  if (now - (key.lastUsedAt ?? 0) > TOUCH_MS) {
    key.lastUsedAt = now;
    engine.defer(touchApiKey(db, key.hash, now));
  }
}

const cache = new Map<string, { key: ApiKeyRow; until: number }>();

async function lookUp(db: D1Database, token: string, now: number): Promise<ApiKeyRow | undefined> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const known = cache.get(hash);
  if (known && known.until > now) return known.key;
  const key = await findApiKey(db, hash);
  if (cache.size >= CACHE_KEYS) cache.clear();
  if (key) cache.set(hash, { key, until: now + CACHE_MS });
  return key;
}
