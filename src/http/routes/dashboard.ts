// The page of the dashboard, the same for every path below /dashboard: its router decides what to show. Its scripts and
// styles (/dashboard/assets/) are served without the Worker.
import { Hono } from 'hono';
import type { HttpContext, HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';

/**
 * Only scripts that were built with the page run. Inline styles are allowed, because a mail that is shown may have them.
 * Pictures from other hosts are not: they would report who reads the mail.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const dashboard = new Hono<HttpEnv>()
  .get('/', (c) => c.redirect('/dashboard', 302))
  .get('/dashboard', shell)
  .get('/dashboard/*', shell);

async function shell(c: HttpContext): Promise<Response> {
  const page = await c.var.services.shell?.();
  if (!page?.ok) throw new HttpProblem('not_found', { detail: 'The dashboard is not built. Run `npm run build`.' });
  return new Response(page.body, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'referrer-policy': 'same-origin',
      'cache-control': 'no-cache',
    },
  });
}
