// GET /live: authorises the caller and connects it to the live feed. docs/guides/live.md describes the messages.
import type { HttpContext } from '../env.ts';
import { authorize } from '../middleware/authorize.ts';
import { HttpProblem } from '../problem.ts';
import { documentRoute, resource, route } from '../route.ts';

const get = route({
  method: 'get',
  path: '/live',
  access: 'tasks:read',
  refuses: ['upgrade_required', 'feed_full'],
  summary: 'Updates of tasks as they happen, over a WebSocket',
  responses: {
    101: { description: 'The WebSocket' },
  },
});

/** `Retry-After` while the feed is full. */
const FULL_SECONDS = 30;

export const live = resource();
documentRoute(live, get);
live.get('/live', authorize('tasks:read'), async (c) => {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket')
    throw new HttpProblem('upgrade_required', { detail: 'Open this address as a WebSocket.' });
  refuseOtherSites(c);
  const response = await c.var.services.connect(c.var.caller?.hash ?? 'open');
  if (response.status === 503) throw new HttpProblem('feed_full', { retryAfterSeconds: FULL_SECONDS });
  return response;
});

/** A browser lets a page of any site open a WebSocket with the cookies of this one. Only `Origin` says which site that is. */
function refuseOtherSites(c: HttpContext): void {
  const origin = c.req.header('origin');
  if (origin !== undefined && URL.parse(origin)?.host !== new URL(c.req.url).host) throw new HttpProblem('forbidden');
}
