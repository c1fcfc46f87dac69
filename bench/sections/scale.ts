// Lists and pages with a million tasks, beside a thousand. Both servers run at once and are asked in turn, so that other
// load on the machine slows both.
import { join } from 'node:path';
import { call, type Errand, type Page, startErrand } from '../errand.ts';
import { run, scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { figures, median, type Row, unmeasured } from '../table.ts';

const SMALL = 1000;
const LARGE = 1_000_000;
const LARGE_SHORT = 50_000;
const ROUNDS = 41;
const ROUNDS_SHORT = 11;
const WARM_UP = 5;
const GOAL = 1.5;
const FILL_SECONDS = 900;
/** The made-up tasks are older than the default retention. */
const VARS = ['RETENTION_SUCCESS_DAYS:400', 'RETENTION_FAILURE_DAYS:400'];
const QUEUES = ['high', 'default', 'low', 'email', 'files'];
const STATUSES = ['PENDING', 'STARTED', 'RETRY', 'WAITING', 'SUCCESS', 'FAILURE', 'REVOKED'];
const DAY_MS = 86_400_000;

export async function scale(context: Context): Promise<Row[]> {
  const count = context.short ? LARGE_SHORT : LARGE;
  const small = await filled(context, SMALL);
  const large = await filled(context, count);
  const rounds = context.short ? ROUNDS_SHORT : ROUNDS;
  const rows: Row[] = [];
  for (const [what, pathOf] of await questions(small, large)) {
    const length = await sameLength(`${small.url}${pathOf(0)}`);
    const times = await inTurn(rounds, [small, pathOf(0) + length], [large, pathOf(1) + length]);
    rows.push(row(what, { count, rounds }, times));
    context.say(`${what}: ${times.map((ms) => `${figures(ms)} ms`).join(' and ')}`);
  }
  await Promise.all([small.stop(), large.stop()]);
  return rows.length > 0 ? rows : [unmeasured('scale', 'nothing was asked', 'failed')];
}

async function filled(context: Context, count: number): Promise<Errand> {
  const state = join(await scratchFolder(), 'state');
  const output = await run(['node', 'scripts/fill.ts', '--tasks', `${count}`, '--state', state], {
    seconds: FILL_SECONDS,
  });
  context.say(output.trim());
  return startErrand({ state, vars: VARS });
}

type Question = [what: string, pathOf: (server: 0 | 1) => string];

/** The requests that both servers get. Where a request takes an id, each server gets one of its own. */
async function questions(...servers: [Errand, Errand]): Promise<Question[]> {
  const first = async <T>(path: string, pick: (body: T) => string | undefined) => {
    const found = await Promise.all(servers.map(async ({ url }) => pick(await call<T>(`${url}${path}`))));
    return (server: 0 | 1) => found[server] ?? '';
  };
  const task = await first<Page>('/tasks?limit=1', ({ items }) => items[0]?.task_id);
  const tagged = await first<{ items: { tags: string[] }[] }>(
    '/tasks?status=SUCCESS&limit=100',
    ({ items }) => items.find(({ tags }) => tags.length > 0)?.tags[0],
  );
  type Workflows = { items: { workflow_id: string }[] };
  const workflow = await first<Workflows>('/workflows?limit=1', ({ items }) => items[0]?.workflow_id);
  const middle = new Date(Date.now() - 15 * DAY_MS).toISOString();
  const plain = (path: string): Question => [`GET ${path}`, () => path];
  return [
    plain('/tasks'),
    ...STATUSES.map((status) => plain(`/tasks?status=${status}`)),
    ...QUEUES.map((queue) => plain(`/tasks?queue=${queue}`)),
    plain('/tasks?name=email.send'),
    plain('/tasks?name=report.yearly'),
    ['GET /tasks?tag=…', (server) => `/tasks?tag=${tagged(server)}`],
    ['GET /tasks?workflow_id=…', (server) => `/tasks?workflow_id=${workflow(server)}`],
    ['GET /tasks?since=… (15 days)', () => `/tasks?since=${middle}`],
    ['GET /tasks?until=… (15 days)', () => `/tasks?until=${middle}`],
    ['GET /tasks/{id}', (server) => `/tasks/${task(server)}`],
    plain('/workflows'),
    ['GET /workflows/{id}', (server) => `/workflows/${workflow(server)}`],
    plain('/queues'),
    plain('/schedules'),
    plain('/stats'),
    ['GET /stats?since=… (1 day)', () => `/stats?since=${new Date(Date.now() - DAY_MS).toISOString()}`],
    ['GET /stats?since=… (7 days)', () => `/stats?since=${new Date(Date.now() - 7 * DAY_MS).toISOString()}`],
    plain('/metrics'),
  ];
}

/** The `limit` that gives both sides a page of the same length: the small database may have too few rows to fill a page. */
async function sameLength(url: string): Promise<string> {
  const { items } = await call<Partial<Page>>(url).catch(() => ({ items: undefined }));
  if (!items || !/\/(tasks|workflows)(\?|$)/.test(url)) return '';
  return `${url.includes('?') ? '&' : '?'}limit=${Math.max(1, items.length)}`;
}

/** Median milliseconds of each side. */
async function inTurn(rounds: number, ...sides: [Errand, string][]): Promise<number[]> {
  const times = sides.map((): number[] => []);
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [side, [{ url }, path]] of sides.entries()) {
      const started = performance.now();
      const response = await fetch(`${url}${path}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
      if (round >= 0) times[side]?.push(performance.now() - started);
    }
  }
  return times.map(median);
}

function row(what: string, of: { count: number; rounds: number }, [small = 0, large = 0]: readonly number[]): Row {
  const ratio = large / small;
  return {
    what: `${what}, ${of.count.toLocaleString('en-US')} tasks`,
    errand: `${figures(large)} ms`,
    beside: `with ${SMALL.toLocaleString('en-US')}: ${figures(small)} ms`,
    ratio: `${figures(ratio)} of its time`,
    how: `median of ${of.rounds} calls, taken in turn`,
    goal: { wanted: `≤ ${GOAL} ×`, got: `${figures(ratio)} ×`, met: ratio <= GOAL },
  };
}
