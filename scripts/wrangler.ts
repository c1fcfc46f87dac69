// How the scripts run wrangler: this project's own copy, never asking, and locally never reaching for the network.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './options.ts';

/** The project's folder. */
export const projectDir = resolve(import.meta.dirname, '..');

/** Where local D1, R2 and Durable Objects are kept unless `--state` says otherwise. */
export const defaultStateDir = join(projectDir, '.wrangler', 'state');

// No telemetry, no error reports, no update check, no lookup of the caller's location, no log files, no questions.
const quiet = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/** Starts wrangler with its output piped and no input. `extra` is added to its environment. */
export function startWrangler(args: string[], extra: Record<string, string> = {}): ChildProcess {
  const bin = join(projectDir, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  if (!existsSync(bin)) throw new UsageError('wrangler is not installed: run `npm ci` first.');
  return spawn(process.execPath, [bin, ...args], {
    cwd: projectDir,
    env: { ...process.env, ...quiet, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs wrangler to its end. Never throws for a failing command: look at `code`. */
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
 * Brings the local database in `stateDir` up to the newest migration.
 * @throws UsageError with wrangler's own words when a migration fails.
 */
export async function migrateLocally(stateDir: string, onStart?: (child: ChildProcess) => void): Promise<void> {
  const args = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', stateDir];
  const { code, stdout, stderr } = await runWrangler(args, onStart);
  if (code !== 0) throw new UsageError(`the local database could not be migrated:\n\n${(stdout + stderr).trim()}`);
}
