// Translates the filters of the list of tasks from the page's address to the API. They are in the address so that a list can be shared.

export const STATES = ['WAITING', 'PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
export const QUEUES = ['high', 'default', 'low', 'email', 'files'] as const;
/** The order in which states need attention: failed first, succeeded last. */
export const URGENCY: readonly string[] = ['FAILURE', 'RETRY', 'STARTED', 'PENDING', 'WAITING', 'REVOKED', 'SUCCESS'];
export const FINAL = ['SUCCESS', 'FAILURE', 'REVOKED'];

/** Time spans up to now that `since` may name instead of an instant. */
export const SPANS: Record<string, { title: string; seconds: number }> = {
  '15m': { title: 'Last 15 minutes', seconds: 900 },
  '1h': { title: 'Last hour', seconds: 3600 },
  '6h': { title: 'Last 6 hours', seconds: 21_600 },
  '24h': { title: 'Last 24 hours', seconds: 86_400 },
  '7d': { title: 'Last 7 days', seconds: 604_800 },
};

export const PAGE_SIZE = 50;

/** The state in an address, in upper case; empty if there is none. */
export const statusOf = (query: URLSearchParams) => (query.get('status') ?? '').toUpperCase();

/** The filter of an address at `now` (epoch milliseconds). The address must have no fault (filter-fault.ts). */
export function filterOf(query: URLSearchParams, now: number) {
  const status = STATES.find((state) => state === statusOf(query));
  const queue = query.get('queue')?.toLowerCase();
  const text = query.get('text');
  const since = instantOf(query.get('since'), now);
  const until = instantOf(query.get('until'), now);
  return {
    ...(status && { status }),
    ...(query.get('name') && { name: query.get('name') as string }),
    ...(queue && { queue }),
    ...(query.get('tag') && { tag: query.get('tag') as string }),
    ...(query.get('version') && { version: query.get('version') as string }),
    ...(text && { text }),
    ...(since && { since }),
    ...(until && { until }),
  };
}

export function pageQuery(query: URLSearchParams, now: number) {
  const cursor = query.get('cursor');
  return { ...filterOf(query, now), limit: String(PAGE_SIZE), ...(cursor && { cursor }) };
}

function instantOf(text: string | null, now: number): string | undefined {
  if (!text) return undefined;
  const span = SPANS[text];
  const at = span ? now - span.seconds * 1000 : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
