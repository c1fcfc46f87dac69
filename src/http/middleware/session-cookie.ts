// The cookie of the dashboard: it holds a session's token, out of reach of scripts and of other sites.
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';

const COOKIE = 'errand_session';
const SAFE_METHODS = new Set(['GET', 'HEAD']);

export function readSessionToken(c: HttpContext): string | undefined {
  const token = isSecure(c) ? getCookie(c, COOKIE, 'host') : getCookie(c, COOKIE);
  return token && /^[\w-]{20,100}$/.test(token) ? token : undefined;
}

/** `Secure`, with the prefix `__Host-`. Over plain HTTP without both, because a browser would not keep the cookie. */
export function setSessionCookie(c: HttpContext, token: string, maxAgeSeconds: number): void {
  const attributes = { path: '/', httpOnly: true, sameSite: 'Strict', maxAge: maxAgeSeconds } as const;
  if (isSecure(c)) setCookie(c, COOKIE, token, { ...attributes, secure: true, prefix: 'host' });
  else setCookie(c, COOKIE, token, attributes);
}

export function clearSessionCookie(c: HttpContext): void {
  if (isSecure(c)) deleteCookie(c, COOKIE, { path: '/', secure: true, prefix: 'host' });
  else deleteCookie(c, COOKIE, { path: '/' });
}

/**
 * A browser sends the cookie with every request to this host, so a request that changes something must come from a page of
 * this origin. Browsers send `Origin` with every unsafe method, and no page can forge it. Throws HttpProblem `forbidden`.
 */
export function refuseForeignOrigin(c: HttpContext): void {
  if (SAFE_METHODS.has(c.req.method)) return;
  const site = c.req.header('sec-fetch-site');
  const foreign = site !== undefined && site !== 'same-origin';
  if (foreign || c.req.header('origin') !== new URL(c.req.url).origin) {
    const detail = 'A session works only for pages of this origin. From other places, send an API key.';
    throw new HttpProblem('forbidden', { detail });
  }
}

function isSecure(c: HttpContext): boolean {
  return new URL(c.req.url).protocol === 'https:';
}
