// Lets a request pass if it carries an API key with the scope that the route needs, or the session of a browser that signed in
// with one. In open mode it lets requests to loopback names pass without either.
import { createMiddleware } from 'hono/factory';
import { timingSafeEqual } from 'hono/utils/buffer';
import { type ApiKey, allows, type Scope } from '../../access/index.ts';
import type { HttpContext, HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { limitKnownCaller } from './limit-rate.ts';
import { readSessionToken, refuseForeignOrigin } from './session-cookie.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Throws HttpProblem `unauthorized`, `forbidden`, `rate_limited`. */
export const authorize = (scope: Scope) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    if (!isOpen(c)) await checkCaller(c, scope);
    await next();
  });

/** For GET /metrics: as `authorize('tasks:read')`, or with METRICS_TOKEN as the bearer. */
export const authorizeMetrics = createMiddleware<HttpEnv>(async (c, next) => {
  const { METRICS_TOKEN: token } = c.var.services.settings;
  const given = c.req.header('authorization')?.match(/^Bearer +(.+)$/i)?.[1];
  const known = token !== undefined && given !== undefined && (await timingSafeEqual(given, token));
  if (!known && !isOpen(c)) await checkCaller(c, 'tasks:read');
  await next();
});

/** True in open mode: no API key is needed. Throws HttpProblem `forbidden` for a request from a page of another site. */
export function isOpen(c: HttpContext): boolean {
  const { origin, hostname } = new URL(c.req.url);
  if (c.var.services.settings.AUTH !== 'open' || !LOOPBACK.has(hostname) || !isLoopback(c.req.header('host')))
    return false;
  // The developer's browser may have a page of another site open. It must not act here.
  if (c.req.header('sec-fetch-site') === 'cross-site') throw new HttpProblem('forbidden');
  const from = c.req.header('origin');
  if (from !== undefined && from !== origin) throw new HttpProblem('forbidden');
  return true;
}

/** True for `localhost:8787` and its like, and when the header is absent. */
function isLoopback(host: string | undefined): boolean {
  const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
  return host === undefined || (name !== undefined && LOOPBACK.has(name));
}

/** The API key that the `Authorization` header carries or, without that header, the one that the session stands for. */
export async function callerOf(c: HttpContext): Promise<ApiKey | undefined> {
  const header = c.req.header('authorization');
  if (header !== undefined) {
    const [, text] = header.match(/^Bearer +(\S+)$/i) ?? [];
    return text === undefined ? undefined : c.var.access.apiKeyOf(text);
  }
  const token = readSessionToken(c);
  if (token === undefined) return undefined;
  refuseForeignOrigin(c);
  return c.var.access.apiKeyOfSession(token);
}

async function checkCaller(c: HttpContext, scope: Scope): Promise<void> {
  const apiKey = await callerOf(c);
  if (!apiKey) throw new HttpProblem('unauthorized');
  const { KEY_RATE_LIMIT } = c.var.services.settings;
  await limitKnownCaller(c, { name: `key:${apiKey.hash}`, limit: KEY_RATE_LIMIT });
  if (!allows(apiKey.scopes, scope)) throw new HttpProblem('forbidden');
  c.set('caller', apiKey);
  const noted = c.var.access.noteUse(apiKey);
  if (noted) c.var.services.engine.defer(noted);
}
