// Starts two Workers: one in open mode with test data, and one with API keys and no tasks.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Booted, bootServer } from '../../scripts/boot.ts';
import { LINK_SECRET } from './support.ts';
import { createTestData } from './test-data.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  const dirs = ['open', 'keys'].map((name) => mkdtempSync(join(tmpdir(), `errand-e2e-${name}-`)));
  const [openDir = '', keysDir = ''] = dirs;
  const booted: Booted[] = [];
  const tearDown = async () => {
    await Promise.all(booted.map((server) => server.stop()));
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  };
  try {
    // Not in parallel: the first server builds the dashboard for both.
    const open = await bootServer({
      stateDir: openDir,
      vars: ['REGISTER_RATE_LIMIT:1000', `LINK_SECRET:${LINK_SECRET}`],
      timeoutSeconds: 120,
    });
    booted.push(open);
    process.env.E2E_ADMIN_API_KEY = createApiKey(keysDir);
    const withApiKeys = await bootServer({ stateDir: keysDir, vars: ['AUTH:keys'], timeoutSeconds: 120 });
    booted.push(withApiKeys);
    // It would add a task to the lists at seven past.
    await pauseCleanUp(open.origin);
    await pauseCleanUp(withApiKeys.origin, process.env.E2E_ADMIN_API_KEY);
    process.env.E2E_OPEN = open.origin;
    process.env.E2E_WITH_API_KEYS = withApiKeys.origin;
    process.env.E2E_DATA = JSON.stringify(await createTestData(open.origin));
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

async function pauseCleanUp(origin: string, apiKey?: string): Promise<void> {
  const response = await fetch(`${origin}/schedules/clean-up`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body: '{"paused":true}',
  });
  if (!response.ok) throw new Error(`The clean-up was not paused: ${response.status} ${await response.text()}`);
}

function createApiKey(stateDir: string): string {
  const command = spawnSync(
    process.execPath,
    ['scripts/key.ts', '--scope', 'admin', '--name', 'browser tests', '--state', stateDir],
    { encoding: 'utf8' },
  );
  if (command.status !== 0) throw new Error(`No API key could be created: ${command.stderr}`);
  return command.stdout.trim();
}
