// `npm run check:metrics`: checks the reply of GET /metrics, the alert rules with their tests, and the queries of the board
// with promtool, the checker of Prometheus. Skips all checks if promtool is not installed.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi, expect } from './api.ts';
import { bootServer, killBooted } from './boot.ts';
import { failWith, readOptions } from './options.ts';
import { projectDir } from './wrangler.ts';

const TOKEN = 'a token for the check of metrics';
/** Metrics without a sample here: no circuit has opened, and no message is ever rejected. */
const WITHOUT_SAMPLE = ['errand_circuit_open', 'celery_task_rejected_total'];
const FOLDER = join(projectDir, 'docs', 'monitoring');

interface Board {
  panels: { title: string; targets: { expr: string }[] }[];
}

async function main(): Promise<void> {
  readOptions(
    { usage: 'npm run check:metrics', about: 'Checks /metrics, the alert rules and the board with promtool.' },
    {},
  );
  if (spawnSync('promtool', ['--version']).error) {
    process.stdout.write(
      'Skipped: promtool is not installed. On Debian, install it with: apt-get install prometheus\n',
    );
    return;
  }
  promtool(['check', 'rules', join(FOLDER, 'alerts.yml')]);
  promtool(['test', 'rules', join(FOLDER, 'alerts.test.yml')]);
  const scratch = await mkdtemp(join(tmpdir(), 'errand-metrics-'));
  try {
    const queries = join(scratch, 'board.yml');
    await writeFile(queries, rulesOf(JSON.parse(await readFile(join(FOLDER, 'errand.json'), 'utf8')) as Board));
    promtool(['check', 'rules', queries]);
    const text = await scrape(join(scratch, 'state'));
    promtool(['check', 'metrics'], text);
    for (const page of ['errand.json', 'alerts.yml', 'README.md']) await expectSamples(page, text);
  } finally {
    await killBooted();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The board's queries as recording rules, with its variables replaced. promtool can check rules, but not boards. */
function rulesOf({ panels }: Board): string {
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(queries.length > 20, `more than 20 queries on the board, got ${queries.length}`);
  const rules = queries.map((expr, index) => ({
    record: `board:query:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance|name)/g, 'x'),
  }));
  // JSON is valid YAML.
  return JSON.stringify({ groups: [{ name: 'board', rules }] });
}

/** @throws Error if a file of docs/monitoring names a metric that the reply does not contain. */
async function expectSamples(page: string, scraped: string): Promise<void> {
  const text = await readFile(join(FOLDER, page), 'utf8');
  const names = new Set(text.match(/\b(?:celery|errand)_(?:tasks?|queue|worker|sweep|circuit|d1)_[a-z_]*[a-z]\b/g));
  expect(names.size > 5, `more than 5 metrics in ${page}, got ${names.size}`);
  for (const name of names) {
    if (WITHOUT_SAMPLE.includes(name)) continue;
    expect(
      new RegExp(`^${name}[{ ]`, 'm').test(scraped),
      `a sample of ${name} in GET /metrics, because ${page} names it`,
    );
  }
}

/** The reply of GET /metrics after some tasks that succeeded, failed and were retried. */
async function scrape(stateDir: string): Promise<string> {
  const server = await bootServer({ stateDir, vars: ['DEMO_TASKS:on', `METRICS_TOKEN:${TOKEN}`] });
  const api = createApi(server.origin);
  const inputs = [
    { name: 'demo.echo', input: { value: 1 } },
    { name: 'demo.flaky', input: { failures: 1 } },
    { name: 'demo.flaky', input: { failures: 5 }, options: { max_retries: 0 } },
  ];
  for (const task of inputs) await api.follow((await api.post<{ task_id: string }>('/tasks', task)).body.task_id);
  const reply = await fetch(`${server.origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(reply.status === 200, `status 200 from GET /metrics, got ${reply.status}`);
  return reply.text();
}

/** @throws Error with the output of promtool if it finds a fault. */
function promtool(args: string[], input = ''): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')} failed:\n${`${stdout}${stderr}`.trim()}`);
  process.stdout.write(`promtool ${args.slice(0, 2).join(' ')} found no faults.\n`);
}

main().catch(failWith);
