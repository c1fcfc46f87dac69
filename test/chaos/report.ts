// The report of the chaos test: each check with its outcome, and the numbers behind it.
import type { Task } from '../../scripts/api.ts';
import { columns, style } from '../../scripts/terminal.ts';
import type { Counts } from './ledger.ts';
import type { Portion } from './load.ts';

/** One kill and restart of the server. */
export interface Kill {
  processes: number;
  /** Mails accepted before the kill. */
  accepted: number;
  /** Whether the POST was answered before the kill. */
  answered: boolean;
  readySeconds: number;
  /** Time from the kill to the first mail of the new server; undefined: none within 2 minutes. */
  progressSeconds: number | undefined;
  /** The POST repeated after the restart named the same tasks. */
  sameIds: boolean;
}

/** Prints the report. Returns true if all checks pass. */
export function report(
  kills: Kill[],
  found: { tasks: Task[]; lost: string[] },
  portions: Portion[],
  counts: Counts,
): boolean {
  const total = portions.reduce((sum, portion) => sum + portion.tasks.length, 0);
  const states = tally(found.tasks.map((task) => task.status));
  const twice = Math.max(counts.acceptedTwicePerKey, counts.acceptedTwicePerRecipient);
  const delays = kills.map((kill) =>
    kill.progressSeconds === undefined ? 'never' : `${kill.progressSeconds.toFixed(1)} s`,
  );
  const faults = counts.faults;
  const checks: [boolean, string, string][] = [
    [states.SUCCESS === total && found.tasks.length === total, `Every task succeeded.`, words(states)],
    [found.lost.length === 0, 'Every task of an answered POST exists.', `${found.lost.length} lost`],
    [
      kills.every((kill) => kill.sameIds),
      'Each repeated POST returned the same task ids.',
      `${found.tasks.length} tasks in total`,
    ],
    [
      counts.accepted === total && counts.distinct === total,
      `The mail API accepted ${total} different mails.`,
      `${counts.distinct} different of ${counts.accepted} accepted`,
    ],
    [
      twice === 0 && counts.conflicts === 0,
      'No mail was accepted twice.',
      `${twice} accepted twice, ${counts.conflicts} conflicts of idempotency keys`,
    ],
    [
      kills.every((kill) => kill.progressSeconds !== undefined),
      'The server made progress after each restart.',
      `after ${delays.join(', ')}`,
    ],
  ];
  const rows = checks.map(([passed, text, detail]) => [mark(passed), text, style('dim', detail)]);
  const lines = [
    '',
    ...columns(rows),
    '',
    `The mail API received ${counts.requests} requests. ${counts.repeats} of them repeated an accepted mail and sent nothing.`,
    `It made these faults: ${faults.error500} × status 500, ${faults.error429} × status 429, ${faults.slow} slow replies, ${faults.reset} resets after accepting.`,
    `It refused ${counts.concurrent} requests because the first one was in flight, and ${counts.refused} because they were malformed.`,
    '',
    ...columns([
      ['kill', 'processes', 'mails before', 'POST', 'ready after', 'first progress after'].map((head) =>
        style('bold', head),
      ),
      ...kills.map((kill, i) => [
        String(i + 1),
        String(kill.processes),
        String(kill.accepted),
        kill.answered ? 'answered' : 'cut off',
        `${kill.readySeconds.toFixed(1)} s`,
        kill.progressSeconds === undefined ? 'never' : `${kill.progressSeconds.toFixed(1)} s`,
      ]),
    ]),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const failed = checks.filter(([passed]) => !passed).length;
  const verdict =
    failed === 0
      ? style('green', `All ${checks.length} checks passed.`)
      : style('red', `${failed} of ${checks.length} checks failed.`);
  process.stdout.write(`${verdict}\n`);
  return failed === 0;
}

function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function words(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function mark(passed: boolean): string {
  return passed ? style('green', '✓') : style('red', '✗');
}
