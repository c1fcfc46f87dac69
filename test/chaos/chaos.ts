// `npm run test:chaos`: enqueues a mixed load, then tasks of steps, and kills the whole server several times, at random moments.
// Checks that nothing is lost, nothing happens twice, every accepted task starts soon after each restart, and every step is
// recorded once. CI uses `-- --short`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killBooted } from '../../scripts/boot.ts';
import { failWith, readOptions, UsageError } from '../../scripts/options.ts';
import { receiveCallbacks } from './callbacks.ts';
import { startFakeResend } from './fake-resend.ts';
import { judge } from './judge.ts';
import { report, reportSteps } from './report.ts';
import { createRun, type Plan, say } from './run.ts';
import { startCountingServer } from './steps/calls.ts';
import { checkSteps } from './steps/checks.ts';
import { createStepRun, type StepPlan } from './steps/run.ts';

const PARTS = ['mixed', 'steps'] as const;

interface Plans {
  parts: readonly (typeof PARTS)[number][];
  mixed: Plan;
  steps: StepPlan;
}

/** What to do at the end, in this order. */
const stops: (() => Promise<unknown>)[] = [];
let interrupted = false;

async function main(): Promise<boolean> {
  const { parts, mixed, steps } = readPlans();
  const passed: boolean[] = [];
  if (parts.includes('mixed')) passed.push(await runMixed(mixed));
  if (parts.includes('steps')) passed.push(await runSteps(steps));
  return passed.every(Boolean);
}

async function runMixed(plan: Plan): Promise<boolean> {
  const fake = stopping(await startFakeResend({ seed: plan.seed }));
  const callbacks = stopping(await receiveCallbacks());
  const stateDir = await makeStateDir();
  say(`Kills: ${plan.kills}. Mails: ${plan.mails}. Seed: ${plan.seed}. The state folder is ${stateDir}.`);
  const run = createRun(plan, { fake, callbacks, stateDir });
  const ran = await run.toTheEnd();
  return report(judge(ran, fake.counts(), callbacks.received), fake.counts());
}

async function runSteps(plan: StepPlan): Promise<boolean> {
  const server = stopping(await startCountingServer(plan.seed));
  const stateDir = await makeStateDir();
  say(`Kills: ${plan.kills}. Tasks of ten steps: ${plan.tasks}. Seed: ${plan.seed}. The state folder is ${stateDir}.`);
  const facts = await createStepRun(plan, { server, stateDir }).toTheEnd();
  return reportSteps(checkSteps(facts));
}

function readPlans(): Plans {
  const options = readOptions(
    {
      usage: 'npm run test:chaos -- [options]',
      about: 'Kills the server under load, and checks that nothing is lost and nothing happens twice.',
    },
    {
      only: {
        value: 'PART',
        help: 'mixed: mails, workflows, schedules, limits; steps: tasks of steps (default: both)',
      },
      short: { help: '60 mails, 40 tasks of ten steps and 2 kills of each part, for CI' },
      mails: { value: 'N', help: 'number of mails, besides those of workflows (default: 30 for each kill)' },
      tasks: { value: 'N', help: 'number of tasks of ten steps (default: 200)' },
      kills: { value: 'N', help: 'number of kills in each part (default: 12)' },
      seed: { value: 'N', help: 'seed of the random moments of kills and faults (default: 1)' },
      'maintenance-seconds': {
        value: 'N',
        help: 'seconds between two maintenance runs (default: 2; a deployed Worker: 60)',
      },
    },
  );
  const number = (name: 'mails' | 'tasks' | 'kills' | 'seed' | 'maintenance-seconds', otherwise: number) => {
    const value = Number(options[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--${name} ${options[name]} is not valid. Give a whole number above 0.`);
    return value;
  };
  const parts = PARTS.filter((part) => options.only === undefined || options.only === part);
  if (parts.length === 0) throw new UsageError(`--only ${options.only} is not valid. Give ${PARTS.join(' or ')}.`);
  const kills = number('kills', options.short ? 2 : 12);
  const shared = { kills, seed: number('seed', 1), maintenanceSeconds: number('maintenance-seconds', 2) };
  return {
    parts,
    mixed: { ...shared, mails: number('mails', 30 * kills) },
    steps: { ...shared, tasks: number('tasks', options.short ? 40 : 200) },
  };
}

function stopping<T extends { stop(): Promise<unknown> }>(server: T): T {
  stops.push(() => server.stop());
  return server;
}

async function makeStateDir(): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'errand-chaos-'));
  stops.push(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5 }));
  return stateDir;
}

async function cleanUp(): Promise<void> {
  await killBooted();
  for (const stop of stops.splice(0)) await stop();
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
  await cleanUp();
  failWith(error);
}
