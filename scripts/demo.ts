// `npm run demo`: starts the Worker on a free port with an empty state, runs all scenarios over HTTP, checks their results,
// and cleans up. Exit code 0 if all scenarios pass, otherwise 1.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from './api.ts';
import { type Booted, bootServer, killBooted } from './boot.ts';
import type { Outcome, Scenario } from './demo/scenario.ts';
import { scenarios } from './demo/scenarios.ts';
import { failWith, readOptions } from './options.ts';
import { columns, duration, LiveLine, style } from './terminal.ts';

interface Row {
  title: string;
  durationMs: number;
  outcome: Outcome | undefined;
  error: string | undefined;
}

let server: Booted | undefined;
let stateDir: string | undefined;
let interrupted = false;

async function main(): Promise<boolean> {
  readOptions(
    {
      usage: 'npm run demo',
      about: 'Starts the Worker with an empty state, runs all scenarios over HTTP and checks their results.',
    },
    {},
  );
  const startedAt = performance.now();
  const line = new LiveLine();
  line.show('Starting the Worker …');
  stateDir = await mkdtemp(join(tmpdir(), 'errand-demo-'));
  server = await bootServer({ stateDir });
  line.print(
    `${style('bold', 'Errand')} runs on ${server.origin}. ${style('dim', `It started in ${duration(performance.now() - startedAt)}.`)}\n`,
  );
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(await play(scenario, line));
  const failed = rows.filter((row) => row.error !== undefined);
  process.stdout.write(`\n${table(rows).join('\n')}\n\n`);
  for (const row of failed) process.stdout.write(`${style('red', row.title)}\n  ${row.error}\n\n`);
  const verdict =
    failed.length === 0
      ? style('green', `All ${rows.length} scenarios passed`)
      : style('red', `${failed.length} of ${rows.length} scenarios failed`);
  process.stdout.write(`${verdict} in ${duration(performance.now() - startedAt)}.\n`);
  if (failed.length > 0)
    process.stdout.write(`\nLast log lines of the Worker:\n${server.tail.slice(-20).join('\n')}\n`);
  return failed.length === 0;
}

async function play(scenario: Scenario, line: LiveLine): Promise<Row> {
  const startedAt = performance.now();
  const show = (text: string) =>
    line.show(`  … ${scenario.title}: ${text} (${duration(performance.now() - startedAt)})`);
  show('starting');
  let outcome: Outcome | undefined;
  let error: string | undefined;
  try {
    outcome = await scenario.run(createApi(server?.origin ?? ''), show);
  } catch (thrown) {
    if (interrupted) await new Promise(() => {});
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const durationMs = performance.now() - startedAt;
  const mark = error === undefined ? style('green', '✓') : style('red', '✗');
  line.print(`  ${mark} ${scenario.title}  ${style('dim', error ?? outcome?.detail ?? '')}`);
  return { title: scenario.title, durationMs, outcome, error };
}

function table(rows: Row[]): string[] {
  const head = ['scenario', 'task id', 'status', 'duration'].map((text) => style('bold', text));
  const lines = columns([
    head,
    ...rows.map(({ title, outcome, durationMs }) => [
      title,
      style('dim', outcome?.taskId ?? '–'),
      outcome ? style(outcome.status === 'SUCCESS' ? 'green' : 'yellow', outcome.status) : style('red', 'FAILED'),
      duration(durationMs),
    ]),
  ]);
  return lines.map((text) => `  ${text}`);
}

async function cleanUp(): Promise<void> {
  await server?.stop();
  await killBooted();
  if (stateDir) await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    void cleanUp().finally(() => process.exit(130));
  });
}
try {
  const passed = await main();
  if (interrupted) await new Promise(() => {});
  await cleanUp();
  process.exit(passed ? 0 : 1);
} catch (error) {
  // After a signal, errors are expected. The signal handler ends the process.
  if (interrupted) await new Promise(() => {});
  await cleanUp();
  failWith(error);
}
