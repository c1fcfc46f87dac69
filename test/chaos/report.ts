// The report of the chaos test: each check with its outcome, and the numbers behind it.
import { columns, style } from '../../scripts/terminal.ts';
import type { Check } from './invariants.ts';
import type { Verdict } from './judge.ts';
import type { Counts } from './ledger.ts';
import { quantile, type Wait } from './recovery.ts';
import { seconds } from './run.ts';

const WORST = 5;

/** Prints the report. Returns true if all checks pass. */
export function report({ checks, waits, kills }: Verdict, counts: Counts): boolean {
  const faults = counts.faults;
  const worst = [...waits].sort((a, b) => b.seconds - a.seconds).slice(0, WORST);
  const lines = [
    '',
    ...linesOf(checks),
    '',
    `The mail API received ${counts.requests} requests. ${counts.repeats} of them repeated an accepted mail and sent nothing.`,
    `It made these faults: ${faults.error500} × status 500, ${faults.error429} × status 429, ${faults.slow} slow replies, ${faults.reset} resets after accepting.`,
    `It refused ${counts.concurrent} requests because the first one was in flight, and ${counts.refused} because they were malformed.`,
    '',
    'Seconds from the answer of /healthz, or from when a task could start, until it started (test/chaos/recovery.ts has the rule):',
    ...columns([
      ['kill', 'processes', 'ready after', 'tasks', 'p50', 'p95', 'max', ''].map((head) => style('bold', head)),
      ...kills.map(({ kill, waits: own }, i) => [
        String(i + 1),
        String(kill.processes),
        `${seconds(kill.answeredAt - kill.killedAt)} s`,
        ...numbersOf(own),
        kill.inPost ? 'cut off a POST' : '',
      ]),
      ['all', '', '', ...numbersOf(waits), ''],
    ]),
    `The longest waits: ${worst.map(({ name, seconds: s }) => `${name} ${s.toFixed(1)} s`).join(', ')}.`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return sayVerdict(checks);
}

/** Prints the checks of the steps. Returns true if all pass. */
export function reportSteps(checks: readonly Check[]): boolean {
  process.stdout.write(`${['', ...linesOf(checks), ''].join('\n')}\n`);
  return sayVerdict(checks);
}

function linesOf(checks: readonly Check[]): string[] {
  return columns(checks.map(({ passed, text, detail }) => [mark(passed), text, style('dim', detail)]));
}

function sayVerdict(checks: readonly Check[]): boolean {
  const failed = checks.filter(({ passed }) => !passed).length;
  const verdict =
    failed === 0
      ? style('green', `All ${checks.length} checks passed.`)
      : style('red', `${failed} of ${checks.length} checks failed.`);
  process.stdout.write(`${verdict}\n`);
  return failed === 0;
}

function numbersOf(waits: readonly Wait[]): string[] {
  return [String(waits.length), ...[0.5, 0.95, 1].map((share) => quantile(waits, share).toFixed(1))];
}

function mark(passed: boolean): string {
  return passed ? style('green', '✓') : style('red', '✗');
}
