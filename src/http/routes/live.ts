// GET /live: authorises, and hands the WebSocket to the feed. What is said on it: docs/guides/live.md.
import type { HttpContext } from '../env.ts';
import { authorize } from '../middleware/authorize.ts';
import { HttpProblem } from '../problem.ts';
import { documentRoute, resource, route } from '../route.ts';

const get = route({
  method: 'get',
  path: '/live',
  access: 'tasks:read',
  summary: 'What becomes of tasks, as it happens: a WebSocket',
  responses: { 101: { description: 'The WebSocket' } },
});

/** Seconds until a place may be free. */
const FULL_SECONDS = 30;

export const live = resource();
documentRoute(live, get);
live.get('/live', authorize('tasks:read'), async (c) => {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket')
    throw new HttpProblem('upgrade_required', { detail: 'open it as a WebSocket' });
  refuseOtherSites(c);
  const response = await c.var.services.connect();
  if (response.status === 503) throw new HttpProblem('feed_full', { retryAfterSeconds: FULL_SECONDS });
  return response;
});

/** Browsers let a page of any site open a WebSocket, with the cookies of this one, and say only here where it comes from. */
function refuseOtherSites(c: HttpContext): void {
  const origin = c.req.header('origin');
  if (origin !== undefined && URL.parse(origin)?.host !== new URL(c.req.url).host) throw new HttpProblem('forbidden');
}
