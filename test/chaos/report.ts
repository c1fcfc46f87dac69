// What the chaos test says at its end: each claim, whether it holds, and the numbers behind it.
import type { Task } from '../../scripts/api.ts';
import { columns, style } from '../../scripts/terminal.ts';
import type { Counts } from './ledger.ts';
import type { Portion } from './load.ts';

/** One kill of the whole server, and how it came back. */
export interface Kill {
  processes: number;
  /** Mails accepted when it fell. */
  accepted: number;
  /** Whether the POST under way had been answered. */
  answered: boolean;
  readySeconds: number;
  /** From the restart to the first mail that the new server got through; undefined: none within two minutes. */
  progressSeconds: number | undefined;
  /** The POST repeated after the restart named the same tasks. */
  sameIds: boolean;
}

/** Prints the report; true when every claim holds. */
export function report(
  kills: Kill[],
  found: { tasks: Task[]; lost: string[] },
  portions: Portion[],
  counts: Counts,
): boolean {
  const wanted = portions.reduce((sum, portion) => sum + portion.tasks.length, 0);
  const states = tally(found.tasks.map((task) => task.status));
  const twice = Math.max(counts.acceptedTwicePerKey, counts.acceptedTwicePerRecipient);
  const slowest = kills.map((kill) => kill.progressSeconds?.toFixed(1) ?? 'never');
  const faults = counts.faults;
  const claims: [boolean, string, string][] = [
    [states.SUCCESS === wanted && found.tasks.length === wanted, `every task SUCCESS`, words(states)],
    [found.lost.length === 0, 'every task of an answered POST exists', `${found.lost.length} lost`],
    [kills.every((kill) => kill.sameIds), 'a repeated POST names the same tasks', `${found.tasks.length} tasks in all`],
    [
      counts.accepted === wanted && counts.distinct === wanted,
      `${wanted} distinct mails accepted`,
      `${counts.distinct}`,
    ],
    [twice === 0 && counts.conflicts === 0, '0 accepted twice', `${twice} twice, ${counts.conflicts} key conflicts`],
    [
      kills.every((kill) => kill.progressSeconds !== undefined),
      'work went on after each restart',
      `${slowest.join(', ')} s`,
    ],
  ];
  const rows = claims.map(([holds, what, detail]) => [mark(holds), what, style('dim', detail)]);
  const lines = [
    '',
    ...columns(rows),
    '',
    `repeats answered from the mail API's memory: ${counts.repeats} of ${counts.requests} requests`,
    `faults it made: ${faults.error500} × 500, ${faults.error429} × 429, ${faults.slow} slow, ${faults.reset} reset after accepting`,
    `409 while the first was in flight: ${counts.concurrent}; refused as malformed: ${counts.refused}`,
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
  const passed = claims.every(([holds]) => holds);
  process.stdout.write(passed ? `${style('green', 'Chaos: all holds.')}\n` : `${style('red', 'Chaos: broken.')}\n`);
  return passed;
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

function mark(holds: boolean): string {
  return holds ? style('green', '✓') : style('red', '✗');
}
