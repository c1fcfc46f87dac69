// `npm run test:chaos`: enqueues tasks that send mails through a failing mail API, and kills the whole server several times.
// Checks that every accepted task succeeds and that no mail is sent twice. CI uses `-- --short`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, createApi, isFinal, type Task } from '../../scripts/api.ts';
import { type Booted, bootServer, killBooted } from '../../scripts/boot.ts';
import { failWith, readOptions, UsageError } from '../../scripts/options.ts';
import { style } from '../../scripts/terminal.ts';
import { type FakeResend, startFakeResend } from './fake-resend.ts';
import { enqueue, makePortions, type Portion } from './load.ts';
import { seededRandom } from './random.ts';
import { type Kill, report } from './report.ts';

interface Plan {
  mails: number;
  kills: number;
  seed: number;
  limitSeconds: number;
}

const startedAt = performance.now();
let fake: FakeResend | undefined;
let server: Booted | undefined;
let stateDir: string | undefined;
let interrupted = false;

async function main(): Promise<boolean> {
  const plan = readPlan();
  fake = await startFakeResend({ seed: plan.seed });
  stateDir = await mkdtemp(join(tmpdir(), 'errand-chaos-'));
  say(
    `Sending ${plan.mails} mails with ${plan.kills} kills and seed ${plan.seed}. The mail API is ${fake.url}, the state folder ${stateDir}.`,
  );

  const random = seededRandom(plan.seed);
  const portions = makePortions(plan.mails, plan.kills + 1);
  const kills: Kill[] = [];
  await restart();
  for (let i = 0; i < plan.kills; i++) {
    // The second kill interrupts a POST. The caller does not know its outcome and repeats it with the same idempotency keys.
    kills.push(await killDuring(portions[i] as Portion, i === 1, random));
  }
  const last = portions.at(-1) as Portion;
  last.acceptedIds = await enqueue(current(), last);
  say(`Enqueued the last ${last.tasks.length} tasks. Waiting until all tasks are final.`);
  await untilAllFinal(current(), plan);
  return report(kills, await collect(current(), portions), portions, fake.counts());
}

function readPlan(): Plan {
  const options = readOptions(
    {
      usage: 'npm run test:chaos -- [options]',
      about: 'Kills the server while it sends mails, and checks that no mail is lost or sent twice.',
    },
    {
      short: { help: '120 mails and 3 kills, at most 150 s, for CI' },
      mails: { value: 'N', help: 'number of mails (default: 500)' },
      kills: { value: 'N', help: 'number of kills (default: 5)' },
      seed: { value: 'N', help: 'seed of the random moments of kills and faults (default: 1)' },
    },
  );
  const number = (name: 'mails' | 'kills' | 'seed', otherwise: number) => {
    const value = Number(options[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--${name} ${options[name]} is not valid. Give a whole number above 0.`);
    return value;
  };
  const mails = number('mails', options.short ? 120 : 500);
  const kills = number('kills', options.short ? 3 : 5);
  return { mails, kills, seed: number('seed', 1), limitSeconds: options.short ? 150 : 600 };
}

async function restart(): Promise<void> {
  const port = server ? Number(new URL(server.origin).port) : 0;
  const vars = ['MAIL_PROVIDER:resend', 'RESEND_API_KEY:re_test', `RESEND_BASE_URL:${fake?.url}`];
  server = await bootServer({ stateDir: stateDir ?? '', port, vars });
}

function current(): Api {
  if (!server) throw new Error('The server is not running.');
  return createApi(server.origin);
}

/** Enqueues a portion, kills the server while it works, restarts it, and measures the time until it makes progress. */
async function killDuring(portion: Portion, inPost: boolean, random: () => number): Promise<Kill> {
  if (inPost) {
    const posted = enqueue(current(), portion).then(
      (ids) => {
        portion.acceptedIds = ids;
      },
      () => {},
    );
    await wait(random() * 60);
    const killed = await killServer();
    await posted;
    return recover(killed, portion);
  }
  const before = accepted();
  portion.acceptedIds = await enqueue(current(), portion);
  // A random moment, but before half of the portion is done, so that there is work to interrupt.
  const moment = performance.now() + 150 + random() * 1500;
  while (performance.now() < moment && accepted() < before + portion.tasks.length / 2) await wait(5);
  return recover(await killServer(), portion);
}

/** `requests`: the number of requests the mail API had received. Later ones come from the next server. */
async function killServer(): Promise<{ processes: number; accepted: number; requests: number }> {
  const processes = (await server?.kill()) ?? 0;
  return { processes, accepted: accepted(), requests: fake?.counts().requests ?? 0 };
}

function accepted(): number {
  return fake?.counts().accepted ?? 0;
}

async function recover(killed: Awaited<ReturnType<typeof killServer>>, portion: Portion): Promise<Kill> {
  const from = performance.now();
  const known = portion.acceptedIds;
  say(
    `Killed ${killed.processes} processes after ${killed.accepted} accepted mails${known ? '' : ', in the middle of a POST'}.`,
  );
  await restart();
  const readySeconds = (performance.now() - from) / 1000;
  // An interrupted POST is repeated at once, as its caller would do. An answered one is repeated only after the server has made
  // progress without it.
  let ids = known ? undefined : await enqueue(current(), portion);
  const resumed = () => (fake?.counts().newestAnswered ?? 0) > killed.requests;
  while (!resumed() && performance.now() - from < 120_000) await wait(20);
  const progressSeconds = resumed() ? (performance.now() - from) / 1000 : undefined;
  // The repeated POST must name the same tasks and enqueue none twice.
  ids ??= await enqueue(current(), portion);
  const sameIds = known === undefined || known.join() === ids.join();
  portion.acceptedIds = known ?? ids;
  say(
    `Restarted in ${readySeconds.toFixed(1)} s. The first progress came after ${progressSeconds?.toFixed(1) ?? 'more than 120'} s.`,
  );
  return { ...killed, answered: known !== undefined, readySeconds, progressSeconds, sameIds };
}

async function untilAllFinal(api: Api, plan: Plan): Promise<void> {
  for (let rounds = 0; ; rounds++) {
    const open = await Promise.all(['PENDING', 'STARTED', 'RETRY', 'WAITING'].map((status) => api.any(status)));
    if (!open.includes(true)) return;
    if (performance.now() - startedAt > plan.limitSeconds * 1000) {
      say(style('red', `Not all tasks are final after ${plan.limitSeconds} s. The unfinished ones count as failed.`));
      return;
    }
    if (rounds % 25 === 24) say(`The mail API has accepted ${accepted()} mails.`);
    await wait(200);
  }
}

/** All tasks, and the ids of accepted tasks that do not exist. */
async function collect(api: Api, portions: Portion[]): Promise<{ tasks: Task[]; lost: string[] }> {
  const tasks = await api.all('name=email.send');
  const ids = new Set(tasks.map((task) => task.task_id));
  const lost = portions.flatMap((portion) => portion.acceptedIds ?? []).filter((id) => !ids.has(id));
  for (const task of tasks.filter((task) => !isFinal(task)).slice(0, 5)) say(`Unfinished: ${JSON.stringify(task)}`);
  return { tasks, lost };
}

function say(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${style('dim', `${seconds} s`)}  ${text}\n`);
}

async function cleanUp(): Promise<void> {
  await server?.stop();
  await killBooted();
  await fake?.stop();
  if (stateDir) await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    void cleanUp().finally(() => process.exit(130));
  });
}
try {
  const passed = await main();
  if (interrupted) await new Promise(() => {});
  await cleanUp();
  process.exit(passed ? 0 : 1);
} catch (error) {
  // After a signal, errors are expected. The signal handler ends the process.
  if (interrupted) await new Promise(() => {});
  for (const line of server?.tail.slice(-20) ?? []) process.stderr.write(`  ${line}\n`);
  await cleanUp();
  failWith(error);
}
