// `npm run check:tutorial`: follows docs/tutorial.md and then docs/testing.md in a copy of the repository. It writes each file
// of a page, applies each diff, runs each command, and compares what a command prints with the block after it. Only the port
// differs: the dev server takes a free one.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { failWith, UsageError } from './options.ts';
import { blocksOf, type PageBlock } from './pages/blocks.ts';
import { applyDiff } from './pages/diff.ts';
import { differences } from './pages/differences.ts';
import { stopTree } from './processes.ts';
import { duration, style } from './terminal.ts';
import { projectDir } from './wrangler.ts';

const PAGES = ['docs/tutorial.md', 'docs/testing.md'];
/** The port that the pages name. */
const PAGE_PORT = 8787;
const READY_MS = 90_000;
/** How long a reply may differ: tasks run in the background, and the dev server loads changed code again. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 300;

let copy: string | undefined;
let server: ChildProcess | undefined;
let port = PAGE_PORT;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const folder = copyRepository();
  let steps = 0;
  for (const page of PAGES) {
    const blocks = blocksOf(readFileSync(join(projectDir, page), 'utf8'));
    for (const [index, block] of blocks.entries()) {
      if (block.language === 'json' || block.language === 'text') continue;
      const stepAt = performance.now();
      await follow(folder, block, blocks[index + 1]).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        throw new UsageError(`${page}:${block.line}\n\n${block.code}\n${message}`);
      });
      steps++;
      const took = style('dim', duration(performance.now() - stepAt));
      process.stdout.write(`${style('green', '✓')} ${page}:${block.line}  ${titleOf(block)}  ${took}\n`);
    }
  }
  process.stdout.write(`\n${steps} passed, 0 failed\n`);
  process.stdout.write(`All steps of ${PAGES.join(' and ')} hold, in ${duration(performance.now() - startedAt)}.\n`);
}

/** The files that git knows or would add, without what git ignores. */
function copyRepository(): string {
  copy = mkdtempSync(join(tmpdir(), 'errand-tutorial-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: projectDir, encoding: 'utf8' });
  for (const file of listed.trim().split('\n')) {
    if (existsSync(join(projectDir, file))) cpSync(join(projectDir, file), join(copy, file));
  }
  return copy;
}

function titleOf({ language, code, path }: PageBlock): string {
  const [first = ''] = code.trim().split('\n');
  return path === undefined ? first.slice(0, 100) : `${language === 'diff' ? 'change' : 'write'} ${path}`;
}

async function follow(folder: string, block: PageBlock, next: PageBlock | undefined): Promise<void> {
  const { language, code, path } = block;
  if (language === 'sh') return runCommands(folder, code, next);
  if (path === undefined) throw new Error(`this \`${language}\` block names no file in its first line`);
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, language === 'diff' ? applyDiff(readFileSync(file, 'utf8'), code) : code);
}

async function runCommands(folder: string, code: string, expected: PageBlock | undefined): Promise<void> {
  if (code.trim() === 'npm run dev') return startServer(folder);
  const script = code.replaceAll(`127.0.0.1:${PAGE_PORT}`, `127.0.0.1:${port}`);
  const repeatable = !/ -(?:d|F|X) /.test(script) && script.includes('curl');
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { exitCode, output } = await runScript(folder, script);
    const faults = exitCode === 0 ? faultsOf(output, expected) : [`exit code ${exitCode}`];
    if (faults.length === 0) return;
    const mayChange = repeatable || /"code":"(?:not_found|unknown_task)"/.test(output);
    if (!mayChange || performance.now() > until)
      throw new Error(`${faults.join('\n')}\n\nIt printed:\n${output.slice(-4000)}`);
    await wait(PAUSE_MS);
  }
}

function faultsOf(output: string, expected: PageBlock | undefined): string[] {
  if (expected?.language === 'text') {
    const missing = expected.code.split('\n').filter((line) => !output.includes(line.trim()));
    return missing.map((line) => `"${line}" is missing`);
  }
  if (expected?.language !== 'json') return [];
  const last = output.trim().split('\n').at(-1) ?? '';
  try {
    return differences(JSON.parse(expected.code), JSON.parse(last));
  } catch {
    return ['the last line is not JSON'];
  }
}

function runScript(folder: string, script: string): Promise<{ exitCode: number; output: string }> {
  const child = spawn('bash', ['-ec', script], { cwd: folder, env: quiet(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (exitCode) => done({ exitCode: exitCode ?? 1, output }));
  });
}

/** Plain output, and the exit of a reporter does not depend on the terminal. */
const quiet = () => ({ ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' });

function startServer(folder: string): Promise<void> {
  const child = spawn('npm', ['run', 'dev', '--', '--port', '0'], {
    cwd: folder,
    env: quiet(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server = child;
  const tail: string[] = [];
  return new Promise((done, fail) => {
    const giveUp = (why: string) => fail(new Error(`${why}\n${tail.join('\n')}`));
    const timer = setTimeout(() => giveUp(`not ready after ${READY_MS / 1000} s`), READY_MS);
    child.once('exit', () => giveUp('the dev server ended before it was ready'));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        const found = /^Ready on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (found === undefined) return;
        port = Number(found);
        clearTimeout(timer);
        done();
      });
    }
  });
}

async function cleanUp(): Promise<void> {
  if (server) await stopTree(server, 10_000);
  if (copy) rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  await main();
  await cleanUp();
  process.exit(0);
} catch (error) {
  await cleanUp();
  failWith(error);
}
