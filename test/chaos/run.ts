// One run of the chaos test: enqueues the portions, kills and restarts the server between them, and collects what is left.
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, createApi, type Task } from '../../scripts/api.ts';
import { type Booted, bootServer } from '../../scripts/boot.ts';
import { style } from '../../scripts/terminal.ts';
import type { Callbacks } from './callbacks.ts';
import { collect, type Facts, openTasks } from './collect.ts';
import type { FakeResend } from './fake-resend.ts';
import { enqueue, makePortion, type Portion, receiptsOf } from './load.ts';
import { seededRandom } from './random.ts';

export interface Plan {
  kills: number;
  mails: number;
  seed: number;
  maintenanceSeconds: number;
}

/** One kill and restart of the server. Instants are epoch milliseconds. */
export interface Kill {
  processes: number;
  /** The kill cut off a POST. */
  inPost: boolean;
  killedAt: number;
  answeredAt: number;
  /** The tasks that were open when the server answered again. */
  open: Task[];
}

export interface Ran {
  kills: Kill[];
  portions: Portion[];
  facts: Facts;
  endedAt: number;
}

/** For a machine that is busy with other things. */
const BOOT_SECONDS = 180;
/** The bar is 90 s. What has not started by then counts as failed, so there is no reason to wait longer. */
const RECOVERY_SECONDS = 100;
/** The latest ETA of the load, and the retries after it. */
const DRAIN_SECONDS = 240;
const SCHEDULES = [
  { name: 'chaos-every-minute', task: { name: 'demo.log', input: { lines: 1 } }, cron: '* * * * *', catchup: 'all' },
  { name: 'chaos-every-20-s', task: { name: 'demo.big', input: { bytes: 10 } }, every: 20, catchup: 'all' },
];

const startedAt = performance.now();

export function say(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${style('dim', `${seconds} s`)}  ${text}\n`);
}

export function createRun(plan: Plan, parts: { fake: FakeResend; callbacks: Callbacks; stateDir: string }) {
  const random = seededRandom(plan.seed);
  const since = Date.now();
  const share = (part: number) =>
    Math.floor(((part + 1) * plan.mails) / (plan.kills + 1)) - Math.floor((part * plan.mails) / (plan.kills + 1));
  const portions = Array.from({ length: plan.kills + 1 }, (_, i) => makePortion(i + 1, share(i), parts.callbacks.url));
  let server: Booted | undefined;

  async function restart(): Promise<Api> {
    const port = server ? Number(new URL(server.origin).port) : 0;
    const vars = ['MAIL_PROVIDER:resend', 'RESEND_API_KEY:re_test', `RESEND_BASE_URL:${parts.fake.url}`];
    server = await bootServer({
      stateDir: parts.stateDir,
      port,
      vars,
      maintenanceSeconds: plan.maintenanceSeconds,
      timeoutSeconds: BOOT_SECONDS,
    });
    return createApi(server.origin);
  }

  /**
   * Every third kill cuts off one of the portion's POSTs: its caller does not know the outcome. Of the others, some come while
   * the portion is young, and some when only its late tasks are left.
   */
  async function killDuring(api: Api, portion: Portion, number: number): Promise<Kill> {
    const inPost = number % 3 === 2;
    const posting = enqueue(api, portion).catch((error: unknown) => {
      if (!inPost) throw error;
    });
    if (!inPost) await posting;
    await wait(inPost ? random() * 800 : random() < 0.7 ? 100 + random() * 3000 : 5000 + random() * 30_000);
    const killedAt = Date.now();
    const processes = (await server?.kill()) ?? 0;
    await posting;
    say(
      `Kill ${number}: ${processes} processes, after ${parts.fake.counts().accepted} mails${inPost ? ', in a POST' : ''}.`,
    );
    return { processes, inPost, killedAt, answeredAt: 0, open: [] };
  }

  /** Restarts the server, repeats the portion's POSTs as its caller would, and waits until what was open has started. */
  async function recover(kill: Kill, portion: Portion): Promise<Api> {
    const api = await restart();
    kill.answeredAt = Date.now();
    kill.open = await openTasks(api);
    await enqueue(api, portion);
    const tookMs = await untilStarted(api, kill);
    say(
      `Ready ${seconds(kill.answeredAt - kill.killedAt)} s after the kill. ${kill.open.length} tasks were open; the last one started after ${seconds(tookMs)} s.`,
    );
    return api;
  }

  async function toTheEnd(): Promise<Ran> {
    let api = await restart();
    for (const schedule of SCHEDULES) await api.post('/schedules', schedule);
    const kills: Kill[] = [];
    for (const [index, portion] of portions.slice(0, plan.kills).entries()) {
      const kill = await killDuring(api, portion, index + 1);
      kills.push(kill);
      api = await recover(kill, portion);
    }
    for (const { name } of SCHEDULES) await api.call('PATCH', `/schedules/${name}`, { paused: true });
    const last = portions.at(-1);
    if (last) await enqueue(api, last);
    say('Enqueued the last portion. Waiting until all tasks are final.');
    await untilAllFinal(api);
    const workflowIds = receiptsOf(portions).flatMap(({ workflowId }) => workflowId ?? []);
    const withAttempts = kills.flatMap(({ open }) => open.map(({ task_id }) => task_id));
    const facts = await collect(api, { withAttempts, workflowIds, since });
    const endedAt = Date.now();
    await server?.stop();
    return { kills, portions, facts, endedAt };
  }

  return { toTheEnd };
}

/** Waits until every task that was open has started again, or need not yet. Returns the milliseconds since the server answered. */
async function untilStarted(api: Api, { killedAt, answeredAt, open }: Kill): Promise<number> {
  const wanted = new Set(
    open.filter(({ created_at }) => Date.parse(created_at) <= killedAt).map((task) => task.task_id),
  );
  for (;;) {
    const now = Date.now();
    const waiting = (await openTasks(api)).filter(
      (task) =>
        wanted.has(task.task_id) &&
        task.status !== 'WAITING' &&
        !(task.started_at !== null && Date.parse(task.started_at) > killedAt) &&
        !(task.eta !== null && Date.parse(task.eta) > now),
    );
    if (waiting.length === 0 || now - answeredAt > RECOVERY_SECONDS * 1000) return now - answeredAt;
    await wait(500);
  }
}

async function untilAllFinal(api: Api): Promise<void> {
  const from = performance.now();
  for (;;) {
    const open = await openTasks(api);
    if (open.length === 0) return;
    if (performance.now() - from > DRAIN_SECONDS * 1000) {
      say(style('red', `${open.length} tasks are not final after ${DRAIN_SECONDS} s. They count as failed.`));
      for (const task of open.slice(0, 5)) say(`Unfinished: ${JSON.stringify(task)}`);
      return;
    }
    await wait(500);
  }
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
