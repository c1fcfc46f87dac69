// Builds the dashboard. Skips the build if its sources have not changed, so that the dev server starts quickly.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from './options.ts';
import { projectDir } from './wrangler.ts';

const outDir = join(projectDir, 'dist', 'dashboard');
const sources = join(projectDir, 'src', 'dashboard');

/** Limit for all scripts of the dashboard together, gzipped. A phone loads this much in about a second. */
const maxScriptBytes = 120 * 1024;

/**
 * Brings dist/dashboard up to date. Returns the gzipped size of its scripts, or undefined if no build was needed.
 * @throws UsageError with the output of Vite if the build fails, or if the scripts exceed the limit.
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
      `The dashboard's scripts have ${bytes} bytes gzipped. The limit is ${maxScriptBytes} bytes (scripts/dashboard.ts).`,
    );
  writeFileSync(stamp, current);
  return bytes;
}

function build(): Promise<void> {
  const bin = join(projectDir, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(bin)) throw new UsageError('Vite is not installed. Run `npm ci` first.');
  const child = spawn(process.execPath, [bin, 'build', '--logLevel', 'warn'], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done();
      else
        fail(
          new UsageError(`The dashboard could not be built. Fix the errors below and try again.\n\n${output.trim()}`),
        );
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
  const files = [sources, join(projectDir, 'src', 'documents', 'assets')].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))),
  );
  for (const file of [...files.sort(), join(projectDir, 'vite.config.ts')]) {
    if (statSync(file).isFile()) hash.update(`\0${file.slice(projectDir.length)}\0`).update(readFileSync(file));
  }
  return hash.update(readFileSync(join(projectDir, 'package-lock.json'))).digest('hex');
}
