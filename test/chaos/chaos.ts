// `npm run test:chaos`: enqueues a mixed load and kills the whole server several times, at random moments. Checks that nothing is
// lost, nothing happens twice, and every accepted task starts soon after each restart. CI uses `-- --short`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killBooted } from '../../scripts/boot.ts';
import { failWith, readOptions, UsageError } from '../../scripts/options.ts';
import { type Callbacks, receiveCallbacks } from './callbacks.ts';
import { type FakeResend, startFakeResend } from './fake-resend.ts';
import { judge } from './judge.ts';
import { report } from './report.ts';
import { createRun, type Plan, say } from './run.ts';

let fake: FakeResend | undefined;
let callbacks: Callbacks | undefined;
let stateDir: string | undefined;
let interrupted = false;

async function main(): Promise<boolean> {
  const plan = readPlan();
  fake = await startFakeResend({ seed: plan.seed });
  callbacks = await receiveCallbacks();
  stateDir = await mkdtemp(join(tmpdir(), 'errand-chaos-'));
  say(`Kills: ${plan.kills}. Mails: ${plan.mails}. Seed: ${plan.seed}. The state folder is ${stateDir}.`);
  const run = createRun(plan, { fake, callbacks, stateDir });
  const ran = await run.toTheEnd();
  return report(judge(ran, fake.counts(), callbacks.received), fake.counts());
}

function readPlan(): Plan {
  const options = readOptions(
    {
      usage: 'npm run test:chaos -- [options]',
      about: 'Kills the server under a mixed load, and checks that nothing is lost and nothing happens twice.',
    },
    {
      short: { help: '60 mails and 2 kills, about 3 minutes, for CI' },
      mails: { value: 'N', help: 'number of mails, besides those of workflows (default: 30 for each kill)' },
      kills: { value: 'N', help: 'number of kills (default: 12)' },
      seed: { value: 'N', help: 'seed of the random moments of kills and faults (default: 1)' },
      'maintenance-seconds': {
        value: 'N',
        help: 'seconds between two maintenance runs (default: 2; a deployed Worker: 60)',
      },
    },
  );
  const number = (name: 'mails' | 'kills' | 'seed' | 'maintenance-seconds', otherwise: number) => {
    const value = Number(options[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--${name} ${options[name]} is not valid. Give a whole number above 0.`);
    return value;
  };
  const kills = number('kills', options.short ? 2 : 12);
  return {
    kills,
    mails: number('mails', 30 * kills),
    seed: number('seed', 1),
    maintenanceSeconds: number('maintenance-seconds', 2),
  };
}

async function cleanUp(): Promise<void> {
  await killBooted();
  await fake?.stop();
  await callbacks?.stop();
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
  await cleanUp();
  failWith(error);
}
