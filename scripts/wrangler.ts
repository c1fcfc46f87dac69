// Runs the project's own copy of wrangler, without questions. Local commands do not use the network.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './options.ts';

export const projectDir = resolve(import.meta.dirname, '..');

/** The state folder of local D1, R2 and Durable Objects, unless `--state` names another. */
export const defaultStateDir = join(projectDir, '.wrangler', 'state');

// Turns off telemetry, error reports, update checks, the lookup of the caller's location, log files and questions.
const quiet = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

// By default `wrangler dev` writes each span and log line of each request into a database in the state folder. That takes a
// fifth of the time of a small request. X_LOCAL_OBSERVABILITY=true turns it on.
const noTraces = { X_LOCAL_OBSERVABILITY: 'false' };

/** Starts wrangler with its output piped and no input. `extra` is added to its environment. */
export function startWrangler(args: string[], extra: Record<string, string> = {}): ChildProcess {
  const bin = join(projectDir, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  if (!existsSync(bin)) throw new UsageError('wrangler is not installed. Run `npm ci` first.');
  return spawn(process.execPath, [bin, ...args], {
    cwd: projectDir,
    env: { ...noTraces, ...process.env, ...quiet, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs wrangler until it ends. Does not throw if the command fails: check `code`. */
export function runWrangler(
  args: string[],
  onStart?: (child: ChildProcess) => void,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = startWrangler(args);
  onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code: code ?? (signal ? 130 : 1), stdout, stderr }));
  });
}

/**
 * Applies all migrations to the local database in `stateDir`.
 * @throws UsageError with the output of wrangler if a migration fails.
 */
export async function migrateLocally(stateDir: string, onStart?: (child: ChildProcess) => void): Promise<void> {
  const args = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', stateDir];
  const { code, stdout, stderr } = await runWrangler(args, onStart);
  if (code !== 0) throw new UsageError(`The local database could not be migrated.\n\n${(stdout + stderr).trim()}`);
}
