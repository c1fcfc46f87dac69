// Finds and ends whole process trees. Reads /proc on Linux and uses `ps` elsewhere.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const hasProc = existsSync('/proc/self/stat');

/** The ids of all descendants of the process `root`. A parent comes before its children. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of listProcesses()) {
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (const pids = [root]; pids.length > 0; ) {
    const next = children.get(pids.shift() ?? 0) ?? [];
    found.push(...next);
    pids.push(...next);
  }
  return found;
}

/** All processes with `name=value` in their environment. Works on Linux only; returns none elsewhere. */
export function processesWithVariable(name: string, value: string): number[] {
  if (!hasProc) return [];
  return procPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${name}=${value}`);
    } catch {
      return false;
    }
  });
}

/** True while the process runs. False for a zombie: it has ended and waits for its parent to notice. */
export function isAlive(pid: number): boolean {
  if (hasProc) {
    const stat = readStat(pid);
    return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends `signal` to all processes. Ignores those that have already ended. */
export function signalAll(pids: Iterable<number>, signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // The process has ended.
    }
  }
}

/**
 * Ends a child process and its descendants. The child gets SIGTERM, so that it can clean up; after `graceMs` milliseconds, all
 * that still run get SIGKILL. Resolves when all have ended.
 */
export async function stopTree(child: ChildProcess, graceMs: number): Promise<void> {
  const root = child.pid;
  if (root === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) execFileSync('taskkill', ['/pid', String(root), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  const tree = [root, ...descendants(root)];
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await until(() => !tree.some(isAlive), graceMs);
  await killAll([...tree, ...descendants(root)]);
}

/** Kills all processes with SIGKILL. Waits up to 5 seconds until they have ended, and up to 1 second for zombies to disappear. */
export async function killAll(pids: Iterable<number>): Promise<void> {
  const all = [...pids];
  signalAll(all.filter(isAlive), 'SIGKILL');
  await until(() => !all.some(isAlive), 5000);
  if (hasProc) await until(() => !all.some(readStat), 1000);
}

async function until(reached: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!reached() && performance.now() < deadline) await wait(10);
}

function listProcesses(): { pid: number; parent: number }[] {
  if (hasProc) {
    return procPids().flatMap((pid) => {
      const stat = readStat(pid);
      return stat ? [{ pid, parent: stat.parent }] : [];
    });
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return { pid, parent };
  });
}

function procPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

// The format is `pid (name) state ppid …`. The name may contain spaces and parentheses, so this reads from the last `)`.
function readStat(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = '0'] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
