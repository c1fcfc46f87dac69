// `npm run test:chaos`: mails as tasks through a mail API that fails, while the whole server is killed again and again.
// Shows that every accepted task ends as SUCCESS, and that no mail is accepted twice. `-- --short` is for CI.
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
  say(`${plan.mails} mails, ${plan.kills} kills, seed ${plan.seed}; mail API ${fake.url}; state ${stateDir}`);

  const random = seededRandom(plan.seed);
  const portions = makePortions(plan.mails, plan.kills + 1);
  const kills: Kill[] = [];
  await restart();
  for (let i = 0; i < plan.kills; i++) {
    // The second kill falls into a POST: its outcome is unknown to the caller, who repeats it with the same keys.
    kills.push(await killDuring(portions[i] as Portion, i === 1, random));
  }
  const last = portions.at(-1) as Portion;
  last.acceptedIds = await enqueue(current(), last);
  say(`enqueued the last ${last.tasks.length}; waiting for the end`);
  await untilAllFinal(current(), plan);
  return report(kills, await collect(current(), portions), portions, fake.counts());
}

function readPlan(): Plan {
  const options = readOptions(
    { usage: 'npm run test:chaos -- [options]', what: 'Kills the server in the middle of a load of mails.' },
    {
      short: { help: '120 mails and 3 kills, for CI' },
      mails: { value: 'N', help: 'how many mails (default: 500)' },
      kills: { value: 'N', help: 'how many kills (default: 5)' },
      seed: { value: 'N', help: 'for the moments of the kills and the faults of the mail API (default: 1)' },
    },
  );
  const number = (name: 'mails' | 'kills' | 'seed', otherwise: number) => {
    const value = Number(options[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--${name} ${options[name]}: a whole number, please.`);
    return value;
  };
  const mails = number('mails', options.short ? 120 : 500);
  const kills = number('kills', options.short ? 3 : 5);
  return { mails, kills, seed: number('seed', 1), limitSeconds: options.short ? 85 : 600 };
}

async function restart(): Promise<void> {
  const port = server ? Number(new URL(server.origin).port) : 0;
  const vars = ['MAIL_PROVIDER:resend', 'RESEND_API_KEY:re_test', `RESEND_BASE_URL:${fake?.url}`];
  server = await bootServer({ stateDir: stateDir ?? '', port, vars });
}

function current(): Api {
  if (!server) throw new Error('the server is not running');
  return createApi(server.origin);
}

/** Enqueues a portion, kills everything while it is under way, restarts, and measures how long it stands still. */
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
  // A random moment, but never after the portion is half done: there must be work to interrupt.
  const moment = performance.now() + 150 + random() * 1500;
  while (performance.now() < moment && accepted() < before + portion.tasks.length / 2) await wait(5);
  return recover(await killServer(), portion);
}

/** `requests`: how many had arrived when it fell; whatever comes later comes from the next server. */
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
    `killed ${killed.processes} processes with ${killed.accepted} mails accepted${known ? '' : ', in the middle of a POST'}`,
  );
  await restart();
  const readySeconds = (performance.now() - from) / 1000;
  // A POST that was cut off is repeated at once, as its caller would; else only after work went on by itself.
  let ids = known ? undefined : await enqueue(current(), portion);
  const resumed = () => (fake?.counts().newestAnswered ?? 0) > killed.requests;
  while (!resumed() && performance.now() - from < 120_000) await wait(20);
  const progressSeconds = resumed() ? (performance.now() - from) / 1000 : undefined;
  // What was accepted before must come back under the same ids; nothing may be doubled.
  ids ??= await enqueue(current(), portion);
  const sameIds = known === undefined || known.join() === ids.join();
  portion.acceptedIds = known ?? ids;
  say(`restarted in ${readySeconds.toFixed(1)} s, work went on after ${progressSeconds?.toFixed(1) ?? '> 120'} s`);
  return { ...killed, answered: known !== undefined, readySeconds, progressSeconds, sameIds };
}

async function untilAllFinal(api: Api, plan: Plan): Promise<void> {
  for (let rounds = 0; ; rounds++) {
    const open = await Promise.all(['PENDING', 'STARTED', 'RETRY', 'WAITING'].map((status) => api.any(status)));
    if (!open.includes(true)) return;
    if (performance.now() - startedAt > plan.limitSeconds * 1000) {
      say(style('red', `not done after ${plan.limitSeconds} s: what is still open counts as failed`));
      return;
    }
    if (rounds % 25 === 24) say(`${accepted()} mails accepted`);
    await wait(200);
  }
}

/** All tasks there are, and those that were accepted and are gone. */
async function collect(api: Api, portions: Portion[]): Promise<{ tasks: Task[]; lost: string[] }> {
  const tasks = await api.all('name=email.send');
  const ids = new Set(tasks.map((task) => task.task_id));
  const lost = portions.flatMap((portion) => portion.acceptedIds ?? []).filter((id) => !ids.has(id));
  for (const task of tasks.filter((task) => !isFinal(task)).slice(0, 5)) say(`still open: ${JSON.stringify(task)}`);
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
  // What was interrupted fails everywhere; the signal's handler ends the process.
  if (interrupted) await new Promise(() => {});
  for (const line of server?.tail.slice(-20) ?? []) process.stderr.write(`  ${line}\n`);
  await cleanUp();
  failWith(error);
}
