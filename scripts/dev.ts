// `npm run dev`: runs the whole Worker on this machine. Migrates the local database, triggers the cron handler, and ends all
// its processes when it ends. Requests need no API key, because only this machine can reach the Worker.
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { ensureDashboard } from './dashboard.ts';
import { clearLeftovers, recordServer } from './dev/leftovers.ts';
import { ensureMigrated } from './dev/migrations.ts';
import { choosePort } from './dev/port.ts';
import { type DevServer, startServer } from './dev/server.ts';
import { welcome } from './dev/welcome.ts';
import { failWith, readOptions, UsageError } from './options.ts';
import { stopTree } from './processes.ts';
import { style } from './terminal.ts';
import { defaultStateDir } from './wrangler.ts';

let migrating: ChildProcess | undefined;
let server: DevServer | undefined;
let removeRecord = () => {};
let stopping = false;

async function main(): Promise<void> {
  const options = readOptions(
    { usage: 'npm run dev -- [options]', about: 'Runs the Worker on this machine.' },
    {
      port: { value: 'N', help: 'port on 127.0.0.1 (default: 8787 or the next free port)' },
      state: { value: 'DIR', help: 'folder for D1, R2 and Durable Objects (default: .wrangler/state)' },
      var: { value: 'NAME:VALUE', many: true, help: 'a setting from docs/configuration.md' },
      entry: { value: 'FILE', help: 'the file with the Worker (default: src/index.ts)' },
      'maintenance-seconds': {
        value: 'N',
        help: 'seconds between two maintenance runs (default: 2; a deployed Worker: 60)',
      },
      verbose: { help: 'show the whole output of wrangler' },
    },
  );
  for (const value of options.var) {
    if (!/^[A-Za-z_]\w*:/.test(value)) throw new UsageError(`--var ${value} is not a setting. Write it as NAME:VALUE.`);
  }
  const maintenanceSeconds = Number(options['maintenance-seconds'] ?? 2);
  if (!(maintenanceSeconds >= 1 && maintenanceSeconds <= 240))
    throw new UsageError(
      `--maintenance-seconds ${options['maintenance-seconds']} is not valid. Give a number from 1 to 240.`,
    );
  const stateDir = options.state ? resolve(options.state) : defaultStateDir;
  const other = await clearLeftovers(stateDir);
  if (other)
    warn(
      `Another dev server (process ${other.pid}, ${other.origin}) uses the same state folder. Start this one with --state DIR.`,
    );
  const port = await choosePort(options.port);
  if (!options.port && port !== 8787) process.stdout.write(`Port 8787 is in use, so this server uses port ${port}.\n`);
  const migrated = ensureMigrated(stateDir, (child) => {
    migrating = child;
  });
  await Promise.all([migrated, ensureDashboard()]);
  if (stopping) return;
  migrating = undefined;
  const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64');
  const callbackVars = [`WEBHOOK_SECRET:whsec_${secret}`, 'WEBHOOK_ALLOW_PRIVATE:on'];
  const linkVars = [
    `LINK_SECRET:${crypto.randomUUID()}`,
    `UNSUBSCRIBE_SECRET:${crypto.randomUUID()}`,
    `PUBLIC_URL:http://127.0.0.1:${port}`,
  ];
  const vars = ['AUTH:open', 'DEMO_TASKS:on', ...linkVars, ...callbackVars, ...options.var];
  const { entry, verbose } = options;
  server = startServer({ port, stateDir, vars, entry, verbose, maintenanceSeconds });
  if (!other) removeRecord = recordServer(stateDir, server.origin);
  void server.ready.then(() => process.stdout.write(`${welcome(`http://127.0.0.1:${port}`)}\n`));
  const { code, tail } = await server.exited;
  if (stopping) return;
  removeRecord();
  await server.stop();
  process.stderr.write(`${style('red', 'error:', process.stderr)} wrangler ended unexpectedly with exit code ${code}.`);
  process.stderr.write(` Its last lines:\n\n${tail.map((line) => `  ${line}`).join('\n')}\n`);
  process.exit(code || 1);
}

// The first signal stops the server in order. A second signal ends this process at once.
async function stop(): Promise<void> {
  if (stopping) process.exit(130);
  stopping = true;
  if (migrating) await stopTree(migrating, 1000);
  await server?.stop();
  removeRecord();
  process.exit(0);
}

function warn(text: string): void {
  process.stderr.write(`${style('yellow', 'warning:', process.stderr)} ${text}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
// npm sends SIGTERM only to the shell between npm and this script. So this script also ends when its parent process ends.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && void stop(), 100).unref();
}
// The reader of the output has ended, as in `npm run dev | head`.
process.stdout.on('error', () => void stop());
main().catch((error: unknown) => {
  // A child process that stop() has ended also fails.
  if (!stopping) failWith(error);
});
