// Builds the dashboard, and skips that when nothing of it changed since the last build: a dev server should start at once.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from './options.ts';
import { projectDir } from './wrangler.ts';

const outDir = join(projectDir, 'dist', 'dashboard');
const sources = join(projectDir, 'src', 'dashboard');

/** What all scripts of the page together may weigh, gzipped: a phone loads so much in a second. */
const maxScriptBytes = 120 * 1024;

/**
 * Brings dist/dashboard up to date. Returns what the scripts weigh, gzipped, when it had to build.
 * @throws UsageError with Vite's own words when the build fails, or when the scripts are too large.
 */
export async function ensureDashboard(): Promise<number | undefined> {
  const stamp = `${outDir}.sha256`;
  const current = fingerprint();
  const built = existsSync(join(outDir, 'index.html')) && existsSync(stamp);
  if (built && readFileSync(stamp, 'utf8') === current) return undefined;
  await build();
  const bytes = scriptBytes();
  if (bytes > maxScriptBytes)
    throw new UsageError(
      `the dashboard's scripts take ${bytes} bytes gzipped; at most ${maxScriptBytes} (scripts/dashboard.ts).`,
    );
  writeFileSync(stamp, current);
  return bytes;
}

function build(): Promise<void> {
  const bin = join(projectDir, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(bin)) throw new UsageError('vite is not installed: run `npm ci` first.');
  const child = spawn(process.execPath, [bin, 'build', '--logLevel', 'warn'], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done();
      else fail(new UsageError(`the dashboard could not be built:\n\n${words.trim()}`));
    });
  });
}

function scriptBytes(): number {
  const folder = join(outDir, 'dashboard', 'assets');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).byteLength, 0);
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = readdirSync(sources, { recursive: true }).map(String).sort();
  for (const file of [...files.map((name) => join(sources, name)), join(projectDir, 'vite.config.ts')]) {
    if (statSync(file).isFile()) hash.update(`\0${file.slice(projectDir.length)}\0`).update(readFileSync(file));
  }
  return hash.update(readFileSync(join(projectDir, 'package-lock.json'))).digest('hex');
}
