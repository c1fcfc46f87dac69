// Two Workers for the browser: an open one with tasks of every kind in it, and one with keys and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Booted, bootServer } from '../../scripts/boot.ts';
import { seed } from './seed.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  const dirs = ['open', 'keys'].map((name) => mkdtempSync(join(tmpdir(), `errand-e2e-${name}-`)));
  const [openDir = '', keysDir = ''] = dirs;
  const booted: Booted[] = [];
  const tearDown = async () => {
    await Promise.all(booted.map((server) => server.stop()));
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  };
  try {
    // One after the other: the first builds the dashboard for both.
    const open = await bootServer({ stateDir: openDir, vars: ['REGISTER_RATE_LIMIT:1000'], timeoutSeconds: 120 });
    booted.push(open);
    process.env.E2E_ADMIN_KEY = makeKey(keysDir);
    const keys = await bootServer({ stateDir: keysDir, vars: ['AUTH:keys'], timeoutSeconds: 120 });
    booted.push(keys);
    process.env.E2E_OPEN = open.origin;
    process.env.E2E_KEYS = keys.origin;
    process.env.E2E_SEED = JSON.stringify(await seed(open.origin));
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

function makeKey(stateDir: string): string {
  const made = spawnSync(
    process.execPath,
    ['scripts/key.ts', '--scope', 'admin', '--name', 'browser tests', '--state', stateDir],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`no key: ${made.stderr}`);
  return made.stdout.trim();
}
