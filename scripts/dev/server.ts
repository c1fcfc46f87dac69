// Runs `wrangler dev` as a child process: filters its output, triggers the cron handler, and reports when the Worker is ready.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { killAll, processesWithVariable, stopTree } from '../processes.ts';
import { style } from '../terminal.ts';
import { startWrangler } from '../wrangler.ts';
import { ownerVariable } from './leftovers.ts';
import { readableLines } from './log.ts';
import { tickCron } from './ticks.ts';

const pollMs = 100;
/** After this time without a healthy reply, a warning with the reason is printed. The script keeps waiting. */
const patienceMs = 15_000;
const tailLines = 20;

export interface DevServer {
  origin: string;
  /** Resolves when `GET /healthz` answers 200. Never resolves if the server ends before. */
  ready: Promise<void>;
  /** Resolves with the exit code of wrangler and its last lines. */
  exited: Promise<{ code: number; tail: string[] }>;
  /** Ends wrangler and all its descendants. */
  stop(): Promise<void>;
}

/** Starts `wrangler dev` on 127.0.0.1. `vars` are `NAME:VALUE`; if a name occurs twice, the later value counts. */
export function startServer(options: {
  port: number;
  stateDir: string;
  vars: string[];
  /** The file with the Worker. Default: `main` of wrangler.toml. */
  entry?: string | undefined;
  verbose: boolean;
  /** Seconds between two maintenance runs. */
  maintenanceSeconds: number;
}): DevServer {
  const origin = `http://127.0.0.1:${options.port}`;
  const child = startWrangler(
    [
      ...[
        'dev',
        // wrangler.toml says that its `main` is bundled already; another entry is not.
        ...(options.entry === undefined ? [] : [options.entry, '--bundle']),
        '--ip',
        '127.0.0.1',
        '--port',
        String(options.port),
        '--inspector-port',
        '0',
      ],
      ...['--show-interactive-dev-session=false', '--persist-to', options.stateDir],
      ...options.vars.flatMap((value) => ['--var', value]),
    ],
    { [ownerVariable]: String(process.pid) },
  );
  const over = new AbortController();
  const tail: string[] = [];
  follow(child.stdout, tail, options.verbose, over.signal);
  follow(child.stderr, tail, options.verbose, over.signal);
  const exited = new Promise<{ code: number; tail: string[] }>((done) => {
    child.on('error', (error) => tail.push(String(error)));
    // Not 'close': a surviving grandchild may keep the pipes open.
    child.on('exit', async (code, signal) => {
      await wait(100);
      over.abort();
      done({ code: code ?? (signal ? 137 : 1), tail });
    });
  });
  return {
    origin,
    ready: untilHealthy(origin, options.maintenanceSeconds, over.signal),
    exited,
    stop: () => stopServer(child, over),
  };
}

async function stopServer(child: ChildProcess, over: AbortController): Promise<void> {
  over.abort();
  await stopTree(child, 3000);
  // If wrangler was killed from outside, its children no longer belong to its process tree.
  await killAll(processesWithVariable(ownerVariable, String(process.pid)));
}

// Waits for any reply, then triggers the cron handler, because a healthy Worker needs a recent maintenance run, and waits for 200.
async function untilHealthy(origin: string, maintenanceSeconds: number, signal: AbortSignal): Promise<void> {
  const never = new Promise<void>(() => {});
  const startedAt = performance.now();
  let ticking = false;
  let complained = false;
  let last = 'It has not answered yet.';
  while (!signal.aborted) {
    try {
      const reply = await fetch(`${origin}/healthz`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      });
      const body = await reply.text();
      last = `GET /healthz answers ${reply.status}: ${body.slice(0, 500)}`;
      if (!ticking) {
        ticking = true;
        void tickCron(origin, maintenanceSeconds, signal);
      }
      if (reply.status === 200) return;
    } catch {
      // The Worker does not listen yet.
    }
    if (!complained && performance.now() - startedAt > patienceMs) {
      complained = true;
      process.stderr.write(
        `${style('yellow', 'warning:', process.stderr)} The Worker is not ready after ${patienceMs / 1000} s. ${last}\n`,
      );
    }
    await wait(pollMs);
  }
  return never;
}

function follow(stream: Readable | null, tail: string[], verbose: boolean, over: AbortSignal): void {
  if (!stream) return;
  const readable = readableLines();
  createInterface({ input: stream }).on('line', (line) => {
    const plain = stripVTControlCharacters(line).trimEnd();
    if (plain !== '') tail.push(plain);
    if (tail.length > tailLines) tail.shift();
    if (over.aborted) return;
    const shown = verbose ? line : readable(line);
    if (shown !== undefined) process.stdout.write(`${shown}\n`);
  });
}
