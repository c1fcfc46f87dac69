// This project's side: the dev server on a fresh state folder, and the few calls of its HTTP API that the bench makes.
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type Started, scratchFolder, start } from './processes.ts';

const READY_SECONDS = 300;
/** Polling takes time from the process that also runs the tasks: every 5 ms, it slows the bulk by some percent. */
const POLL_MS = 25;
const DONE_LIMIT_MS = 120_000;
const PAGE = 100;
/** The states of a no-op task that is not final. */
const OPEN_STATES = ['PENDING', 'STARTED', 'RETRY'];

export interface Errand extends Started {
  readonly url: string;
}

export interface Page {
  readonly items: readonly { readonly task_id: string }[];
  readonly next_cursor?: string | null;
}

/** `state`: a folder with a database, default a new one; `vars`: more of them, as NAME:VALUE; `project`: another checkout. */
export async function startErrand(
  options: { state?: string; vars?: string[]; project?: string } = {},
): Promise<Errand> {
  const port = await freePort();
  const vars = ['DEMO_TASKS:on', ...(options.vars ?? [])].flatMap((value) => ['--var', value]);
  const args = ['--port', `${port}`, '--state', options.state ?? (await scratchFolder()), ...vars];
  const { project } = options;
  const server = await start(['node', 'scripts/dev.ts', ...args], /Ready on/, {
    seconds: READY_SECONDS,
    ...(project && { cwd: project }),
  });
  return { ...server, url: `http://127.0.0.1:${port}` };
}

/** One call of the API; throws with the body when the answer is not 2xx. */
export async function call<T>(url: string, body?: unknown): Promise<T> {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${(await response.text()).slice(0, 500)}`);
  return (await response.json()) as T;
}

/** Enqueues `count` no-op tasks by one POST; seconds until the answer and until no task is open any more. */
export async function timeBulk(url: string, count: number): Promise<{ seconds: number; publishSeconds: number }> {
  const started = performance.now();
  const tasks = Array.from({ length: count }, () => ({ name: 'demo.echo', input: { value: 1 } }));
  const batch = await call<{ task_ids: string[] }>(`${url}/tasks/batch`, { tasks });
  const publishSeconds = (performance.now() - started) / 1000;
  await waitUntilDone(url);
  const seconds = (performance.now() - started) / 1000;
  await checkSuccesses(url, batch.task_ids, count);
  return { seconds, publishSeconds };
}

/**
 * Returns when no task is open. Asks for one state after the other: a no-op is never retried, so it never goes back to an
 * earlier one.
 */
export async function waitUntilDone(url: string): Promise<void> {
  const deadline = performance.now() + DONE_LIMIT_MS;
  for (const state of OPEN_STATES) {
    while ((await call<Page>(`${url}/tasks?status=${state}&limit=1`)).items.length > 0) {
      if (performance.now() > deadline) throw new Error(`still ${state} after ${DONE_LIMIT_MS / 1000} s`);
      await sleep(POLL_MS);
    }
  }
}

/** Throws unless each of the ids is listed as SUCCESS. Reads from the newest task back, and stops after the last of the ids. */
export async function checkSuccesses(url: string, ids: readonly string[], count: number): Promise<void> {
  const missing = new Set(ids);
  if (missing.size !== count) throw new Error(`${missing.size} ids for ${count} tasks`);
  let cursor: string | null | undefined;
  do {
    const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = await call<Page>(`${url}/tasks?status=SUCCESS&limit=${PAGE}${after}`);
    const before = missing.size;
    for (const item of page.items) missing.delete(item.task_id);
    if (missing.size === before) break;
    cursor = page.next_cursor;
  } while (missing.size > 0 && cursor);
  if (missing.size > 0) throw new Error(`${missing.size} of ${count} tasks are not SUCCESS`);
}
