// A long run: a million tasks through one server, in calls of 10 to 10,000 tasks, of which one in a hundred fails. Afterwards
// the database says whether every task is final. The server must not get slower or larger on the way.
import { DatabaseSync } from 'node:sqlite';
import { databaseFile } from '../../scripts/database-file.ts';
import { call, type Errand, startErrand, waitUntilDone } from '../errand.ts';
import { memoryOf } from '../memory.ts';
import { scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { compare, measure, type Row } from '../table.ts';

/** Tasks of each call of a portion: together 100,000. */
const CALLS = [
  ...Array<number>(8).fill(10_000),
  ...Array<number>(15).fill(1000),
  ...Array<number>(45).fill(100),
  ...Array<number>(50).fill(10),
];
const PORTIONS = 10;
/** `--short`: a hundredth of each call, and fewer portions. */
const SHORT = { portions: 5, part: 100 };
const FAILS_EACH = 100;
/** Tasks a second of the last portion beside the first. */
const LEAST_RATE = 0.9;
/** Memory after the last portion beside that at this part of the run. Before, workerd grows as with every Worker. */
const GROWN_AT = 0.7;
const MOST_MEMORY = 1.05;

interface Portion {
  seconds: number;
  mebibytes: number;
}

export async function long(context: Context): Promise<Row[]> {
  const calls = context.short ? CALLS.map((count) => Math.ceil(count / SHORT.part)) : CALLS;
  const size = calls.reduce((sum, count) => sum + count, 0);
  const state = await scratchFolder();
  const errand = await startErrand({ state });
  const portions: Portion[] = [];
  try {
    // The first portion of a server also compiles code, so it is not measured.
    await runPortion(errand, calls.slice(0, 12));
    while (portions.length < (context.short ? SHORT.portions : PORTIONS)) {
      const portion = await runPortion(errand, calls);
      portions.push(portion);
      context.say(`${size} tasks in ${portion.seconds.toFixed(1)} s, ${portion.mebibytes.toFixed(0)} MiB`);
    }
  } finally {
    await errand.stop();
  }
  return [...rowsOf(size, portions), stateRow(state)];
}

/** Sends the calls one after the other, and waits until all their tasks are final. */
async function runPortion(errand: Errand, calls: readonly number[]): Promise<Portion> {
  const started = performance.now();
  for (const count of calls) {
    const tasks = Array.from({ length: count }, (_, index) => taskOf(index));
    await call(`${errand.url}/tasks/batch`, { tasks });
  }
  await waitUntilDone(errand.url);
  return { seconds: (performance.now() - started) / 1000, mebibytes: memoryOf(errand.group, 'workerd') };
}

function taskOf(index: number): object {
  if (index % FAILS_EACH === FAILS_EACH - 1)
    return { name: 'demo.fail', input: { message: 'Failed.', permanent: true } };
  return { name: 'demo.echo', input: { value: index } };
}

function rowsOf(size: number, portions: readonly Portion[]): Row[] {
  const [first, last] = [portions[0], portions.at(-1)];
  if (!first || !last) throw new Error('no portions');
  const tasks = (size * portions.length).toLocaleString('en-US');
  const how = `${portions.length} portions of ${size.toLocaleString('en-US')}, one after the other`;
  const grownAt = Math.floor(portions.length * GROWN_AT);
  const grown = portions[grownAt - 1] ?? first;
  return [
    compare({
      what: `${tasks} tasks, 1 % of them failing: the last portion`,
      unit: 'tasks/s',
      errand: size / last.seconds,
      peer: 'the first',
      value: size / first.seconds,
      how,
      goal: LEAST_RATE,
    }),
    measure({
      what: `${tasks} tasks: memory of workerd after the last portion`,
      unit: 'MiB',
      value: last.mebibytes,
      beside: { name: `after portion ${grownAt}`, value: grown.mebibytes },
      mostRatio: MOST_MEMORY,
      how,
    }),
  ];
}

/** Reads the database of the stopped server. Throws if a task is not final or has ended otherwise than it should. */
function stateRow(state: string): Row {
  const db = new DatabaseSync(databaseFile(state), { readOnly: true });
  try {
    const found = db.prepare('SELECT state, name, count(*) AS count FROM tasks GROUP BY state, name').all();
    const rows = found as { state: string; name: string; count: number }[];
    const wanted: Record<string, string> = { 'demo.echo': 'SUCCESS', 'demo.fail': 'FAILURE' };
    const wrong = rows.filter(({ state: seen, name }) => wanted[name] && wanted[name] !== seen);
    if (wrong.length > 0) throw new Error(`Not all tasks ended as they should: ${JSON.stringify(wrong)}`);
    const total = rows.reduce((sum, { name, count }) => sum + (wanted[name] ? count : 0), 0);
    return measure({
      what: 'tasks that ended as they should',
      value: total,
      how: 'read from the database of the stopped server',
    });
  } finally {
    db.close();
  }
}
