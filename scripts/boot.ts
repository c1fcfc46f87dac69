// Starts the dev server (scripts/dev.ts) as a child process, for the demo, the browser tests and the chaos test.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WELCOME_END } from './dev/welcome.ts';
import { killAll, processesWithVariable, stopTree } from './processes.ts';
import { projectDir } from './wrangler.ts';

const markVariable = 'ERRAND_BOOT_MARK';
const tailLines = 60;

export interface Booted {
  origin: string;
  /** The last lines it printed. */
  tail: string[];
  /** Resolves when the server has ended, for any reason. */
  ended: Promise<void>;
  /** Ends the server as Ctrl-C does, and waits until its whole process tree is gone. */
  stop(): Promise<void>;
  /** Kills all processes of the server at once with SIGKILL. Returns their number. */
  kill(): Promise<number>;
}

/** The kill functions of all servers that have not ended, so that a signal handler can end them at any time. */
const running = new Set<() => Promise<unknown>>();

/** Kills all servers that this process has started, also those that are not ready yet. */
export async function killBooted(): Promise<void> {
  await Promise.all([...running].map((kill) => kill()));
}

/**
 * Starts the dev server in a process group of its own and resolves when it is ready.
 * @throws Error with its last output lines if it ends early or is not ready after `timeoutSeconds`.
 */
export async function bootServer(options: {
  stateDir: string;
  /** Default: any free port. */
  port?: number;
  /** Settings as `NAME:VALUE`. */
  vars?: string[];
  /** Seconds between two maintenance runs. Default: the dev server's own. */
  maintenanceSeconds?: number | undefined;
  /** The file with the Worker, from the project's folder. Default: src/index.ts. */
  entry?: string;
  timeoutSeconds?: number;
}): Promise<Booted> {
  const { stateDir, port = 0, vars = [], maintenanceSeconds, entry, timeoutSeconds = 60 } = options;
  const mark = crypto.randomUUID();
  const child = spawn(
    process.execPath,
    [
      ...['scripts/dev.ts', '--port', String(port), '--state', stateDir],
      ...(maintenanceSeconds === undefined ? [] : ['--maintenance-seconds', String(maintenanceSeconds)]),
      ...(entry === undefined ? [] : ['--entry', entry]),
      ...vars.flatMap((value) => ['--var', value]),
    ],
    {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // The dev server then ends when this process ends, as under `npm run`.
      env: { ...process.env, npm_lifecycle_event: 'boot', NO_COLOR: '1', [markVariable]: mark },
    },
  );
  const tail: string[] = [];
  const kill = () => killTree(child, mark);
  running.add(kill);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  void ended.then(() => running.delete(kill));
  try {
    const origin = await readyLine(child, tail, timeoutSeconds * 1000);
    return { origin, tail, ended, kill, stop: () => stopBooted(child, mark) };
  } catch (error) {
    await kill();
    throw error;
  }
}

async function stopBooted(child: ChildProcess, mark: string): Promise<void> {
  await stopTree(child, 8000);
  await killAll(processesWithVariable(markVariable, mark));
}

async function killTree(child: ChildProcess, mark: string): Promise<number> {
  const pids = processesWithVariable(markVariable, mark);
  try {
    // One call kills the whole process group, so that no process can react to the end of another.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
  await killAll(pids);
  await killAll(processesWithVariable(markVariable, mark));
  return pids.length;
}

function readyLine(child: ChildProcess, tail: string[], timeoutMs: number): Promise<string> {
  return new Promise((done, fail) => {
    const giveUp = (reason: string) => fail(new Error(`${reason} Its last lines:\n\n${tail.join('\n')}`));
    const timer = setTimeout(() => giveUp(`The dev server was not ready after ${timeoutMs / 1000} s.`), timeoutMs);
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // Its last output may still be in the pipe.
      setTimeout(() => giveUp(`The dev server ended before it was ready (${signal ?? `exit code ${code}`}).`), 100);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        // Drops the welcome text, which ends with this line.
        if (line === WELCOME_END) tail.length = 0;
        else if (tail.length > tailLines) tail.shift();
        const origin = /^Ready on (\S+)/.exec(line)?.[1];
        if (!origin) return;
        clearTimeout(timer);
        done(origin);
      });
    }
  });
}
