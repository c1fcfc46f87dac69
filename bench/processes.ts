// Child processes, ports and scratch folders of the bench. Everything started here ends here: each child leads its own
// process group, so its children die with it, also on Ctrl-C. Must never leave a server or a folder behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The folder of this checkout. */
export const ROOT = join(import.meta.dirname, '..');
const STOP_GRACE_MS = 5_000;
const KEPT_OUTPUT_CHARS = 4_000;

const running = new Set<ChildProcess>();
const folders = new Set<string>();
let closed = false;

export interface Options {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** How long to wait for readiness (`start`) or for the end (`run`). */
  readonly seconds: number;
}

export interface Server {
  stop(): Promise<void>;
}

export interface Started extends Server {
  /** The processes of the server are one group with this number. */
  readonly group: number;
}

/** Starts a server and resolves once its output matches `ready`; throws with the end of its output when it does not. */
export async function start(command: readonly string[], ready: RegExp, options: Options): Promise<Started> {
  const child = launch(command, options);
  let output = '';
  const isReady = new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
      if (ready.test(output)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  const failed = Promise.race([
    exited(child).then((code) => `ended with ${code}`),
    sleep(options.seconds * 1000, `not ready after ${options.seconds} s`, { ref: false }),
  ]);
  const problem = await Promise.race([isReady, failed]);
  if (problem) {
    await stop(child);
    throw new Error(`${command.join(' ')}: ${problem}\n${output}`);
  }
  return { group: child.pid ?? 0, stop: () => stop(child) };
}

/** Runs a command to its end and returns its standard output; throws with its output when it fails or takes too long. */
export async function run(command: readonly string[], options: Options): Promise<string> {
  const child = launch(command, options);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  // What a process has written may still be on its way when it has ended.
  const isRead = new Promise((resolve) => child.once('close', resolve));
  const tooLong = sleep(options.seconds * 1000, `took more than ${options.seconds} s`, { ref: false });
  const code = await Promise.race([exited(child), tooLong]);
  await stop(child);
  await Promise.race([isRead, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
  if (code !== 0) {
    const output = (stdout + stderr).trim().slice(-KEPT_OUTPUT_CHARS);
    throw new Error(`${command.join(' ')}: ${typeof code === 'number' ? `ended with ${code}` : code}\n${output}`);
  }
  return stdout;
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A new empty folder, removed at the end. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-bench-'));
  folders.add(folder);
  return folder;
}

/** Stops every child still running and removes the scratch folders. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map(stop));
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  folders.clear();
}

/** As `cleanUp`. Afterwards nothing can be started any more. */
export async function shutDown(): Promise<void> {
  closed = true;
  await cleanUp();
}

function launch(command: readonly string[], options: Options): ChildProcess {
  if (closed) throw new Error('the bench is ending');
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: options.cwd ?? ROOT,
    env: {
      ...process.env,
      PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      CI: '1',
      NO_COLOR: '1',
      WRANGLER_SEND_METRICS: 'false',
      X_LOCAL_OBSERVABILITY: 'false',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      ...options.env,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  return child;
}

function exited(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    const end = () => resolve(child.exitCode ?? 1);
    if (child.exitCode !== null || child.signalCode !== null) end();
    child.once('exit', end);
    child.once('error', end);
  });
}

/** Sends SIGTERM to the process group, and SIGKILL after a grace period. */
async function stop(child: ChildProcess): Promise<void> {
  if (!running.delete(child)) return;
  signal(child, 'SIGTERM');
  await Promise.race([exited(child), sleep(STOP_GRACE_MS, undefined, { ref: false })]);
  signal(child, 'SIGKILL');
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is already gone.
  }
}
