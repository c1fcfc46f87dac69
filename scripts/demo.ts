// `npm run demo`: boots the Worker on a free port with a state of its own, does over HTTP what it is made for, checks it,
// and cleans up. Exit code 0 only if everything holds.
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
  what: string;
  took: number;
  outcome: Outcome | undefined;
  error: string | undefined;
}

let server: Booted | undefined;
let stateDir: string | undefined;
let interrupted = false;

async function main(): Promise<boolean> {
  readOptions({ usage: 'npm run demo', what: 'Boots the Worker with fresh state and shows what it does.' }, {});
  const startedAt = performance.now();
  const line = new LiveLine();
  line.show('Starting the Worker …');
  stateDir = await mkdtemp(join(tmpdir(), 'errand-demo-'));
  server = await bootServer({ stateDir });
  line.print(
    `${style('bold', 'Errand')} runs on ${server.origin} ${style('dim', `(started in ${duration(performance.now() - startedAt)})`)}\n`,
  );
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(await play(scenario, line));
  const failed = rows.filter((row) => row.error !== undefined);
  process.stdout.write(`\n${table(rows).join('\n')}\n\n`);
  for (const row of failed) process.stdout.write(`${style('red', row.what)}\n  ${row.error}\n\n`);
  const verdict =
    failed.length === 0
      ? style('green', `All ${rows.length} hold`)
      : style('red', `${failed.length} of ${rows.length} do not hold`);
  process.stdout.write(`${verdict}, in ${duration(performance.now() - startedAt)}.\n`);
  if (failed.length > 0) process.stdout.write(`\nThe Worker's last lines:\n${server.tail.slice(-20).join('\n')}\n`);
  return failed.length === 0;
}

async function play(scenario: Scenario, line: LiveLine): Promise<Row> {
  const startedAt = performance.now();
  const show = (text: string) =>
    line.show(`  … ${scenario.what}: ${text} (${duration(performance.now() - startedAt)})`);
  show('starting');
  let outcome: Outcome | undefined;
  let error: string | undefined;
  try {
    outcome = await scenario.run(createApi(server?.origin ?? ''), show);
  } catch (thrown) {
    if (interrupted) await new Promise(() => {});
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const took = performance.now() - startedAt;
  const mark = error === undefined ? style('green', '✓') : style('red', '✗');
  line.print(`  ${mark} ${scenario.what}  ${style('dim', error ?? outcome?.detail ?? '')}`);
  return { what: scenario.what, took, outcome, error };
}

function table(rows: Row[]): string[] {
  const head = ['what', 'task id', 'status', 'took'].map((text) => style('bold', text));
  const lines = columns([
    head,
    ...rows.map(({ what, outcome, took }) => [
      what,
      style('dim', outcome?.taskId ?? '–'),
      outcome ? style(outcome.status === 'SUCCESS' ? 'green' : 'yellow', outcome.status) : style('red', 'BROKEN'),
      duration(took),
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
  // What was interrupted fails everywhere; the signal's handler ends the process.
  if (interrupted) await new Promise(() => {});
  await cleanUp();
  failWith(error);
}
