// The dev server as a child: wrangler with its output filtered, the cron ticking, and a word when it really answers.
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
/** After this long without a healthy answer, the reason is shown (and waiting goes on: the code may be being mended). */
const patienceMs = 15_000;
const tailLines = 20;

export interface DevServer {
  origin: string;
  /** Resolves when `GET /healthz` says 200; never, when the server ends before. */
  ready: Promise<void>;
  /** Resolves with wrangler's exit code and the last lines it printed. */
  exited: Promise<{ code: number; tail: string[] }>;
  /** Ends wrangler and everything below it. */
  stop(): Promise<void>;
}

/** Starts `wrangler dev` on 127.0.0.1. `vars` are `NAME:VALUE`; of two with the same name the later counts. */
export function startServer(options: { port: number; stateDir: string; vars: string[]; verbose: boolean }): DevServer {
  const origin = `http://127.0.0.1:${options.port}`;
  const child = startWrangler(
    [
      ...['dev', '--ip', '127.0.0.1', '--port', String(options.port), '--inspector-port', '0'],
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
    // 'exit' and not 'close': a surviving grandchild may hold the pipes open.
    child.on('exit', async (code, signal) => {
      await wait(100);
      over.abort();
      done({ code: code ?? (signal ? 137 : 1), tail });
    });
  });
  return {
    origin,
    ready: untilHealthy(origin, over.signal),
    exited,
    stop: () => stopServer(child, over),
  };
}

async function stopServer(child: ChildProcess, over: AbortController): Promise<void> {
  over.abort();
  await stopTree(child, 3000);
  // Where wrangler was killed from outside, its children have lost their parent.
  await killAll(processesWithVariable(ownerVariable, String(process.pid)));
}

// Waits for any answer, starts the cron's clock (health includes a recent sweep), then waits for 200.
async function untilHealthy(origin: string, signal: AbortSignal): Promise<void> {
  const never = new Promise<void>(() => {});
  const startedAt = performance.now();
  let ticking = false;
  let complained = false;
  let last = 'no answer yet';
  while (!signal.aborted) {
    try {
      const reply = await fetch(`${origin}/healthz`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      });
      const body = await reply.text();
      last = `GET /healthz says ${reply.status} ${body.slice(0, 500)}`;
      if (!ticking) {
        ticking = true;
        void tickCron(origin, signal);
      }
      if (reply.status === 200) return;
    } catch {
      // Not listening yet.
    }
    if (!complained && performance.now() - startedAt > patienceMs) {
      complained = true;
      process.stderr.write(`${style('yellow', 'warning', process.stderr)}  still waiting for the Worker: ${last}\n`);
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
