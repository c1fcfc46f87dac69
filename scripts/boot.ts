// Boots the project's own dev server (scripts/dev.ts) as a child, for the demo and for the tests that kill it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killAll, processesWithVariable, stopTree } from './processes.ts';
import { projectDir } from './wrangler.ts';

const markVariable = 'ERRAND_BOOT_MARK';
const tailLines = 60;

export interface Booted {
  origin: string;
  /** The last lines it printed. */
  tail: string[];
  /** Resolves when it has ended, by itself or otherwise. */
  ended: Promise<void>;
  /** Ends it as Ctrl-C does, and waits until its whole tree is gone. */
  stop(): Promise<void>;
  /** SIGKILL for every process of it at once, as a power cut would. Returns how many there were. */
  kill(): Promise<number>;
}

// What was started here and has not ended: for a signal that comes at any time.
const running = new Set<() => Promise<unknown>>();

/** Kills every server this process has booted, also one that is still starting. */
export async function killBooted(): Promise<void> {
  await Promise.all([...running].map((kill) => kill()));
}

/**
 * Starts the dev server in a process group of its own and resolves when it is ready.
 * @throws Error with its last lines when it ends before, or is not ready after `timeoutSeconds`.
 */
export async function bootServer(options: {
  stateDir: string;
  /** 0: any free port. */
  port?: number;
  /** `NAME:VALUE`, as `--var` takes them. */
  vars?: string[];
  timeoutSeconds?: number;
}): Promise<Booted> {
  const { stateDir, port = 0, vars = [], timeoutSeconds = 60 } = options;
  const mark = crypto.randomUUID();
  const child = spawn(
    process.execPath,
    [...['scripts/dev.ts', '--port', String(port), '--state', stateDir], ...vars.flatMap((value) => ['--var', value])],
    {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // As under `npm run`: when this process dies, the server ends too.
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
    // The whole group in one call: nothing of it sees the rest die.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
  await killAll(pids);
  await killAll(processesWithVariable(markVariable, mark));
  return pids.length;
}

function readyLine(child: ChildProcess, tail: string[], timeoutMs: number): Promise<string> {
  return new Promise((done, fail) => {
    const giveUp = (why: string) => fail(new Error(`${why}. Its last lines:\n\n${tail.join('\n')}`));
    const timer = setTimeout(() => giveUp(`the dev server was not ready after ${timeoutMs / 1000} s`), timeoutMs);
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // Its last words may still be in the pipe.
      setTimeout(() => giveUp(`the dev server ended before it was ready (${signal ?? `exit code ${code}`})`), 100);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        // What it prints for its user when it is ready is of no interest here; what comes after is.
        if (tail.length > tailLines || line === 'Ctrl-C stops it.')
          tail.splice(0, line === 'Ctrl-C stops it.' ? tail.length : 1);
        const origin = /^Ready on (\S+)/.exec(line)?.[1];
        if (!origin) return;
        clearTimeout(timer);
        done(origin);
      });
    }
  });
}
