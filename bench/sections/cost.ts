// What a task costs on D1 and Queues. The numbers come from the test that holds the budgets: it prints a line
// `cost <what> rows_read=<n> rows_written=<n> messages=<n> round_trips=<n>` for each of the names below.
import { run } from '../processes.ts';
import type { Context } from '../section.ts';
import { measure, type Row, unmeasured } from '../table.ts';

const TEST = 'test/engine/costs.test.ts';
const LINE = /\bcost (\S+) rows_read=([\d.]+) rows_written=([\d.]+) messages=([\d.]+) round_trips=([\d.]+)/g;

type Measure = 'rows_read' | 'rows_written' | 'messages' | 'round_trips';
export type Cost = Record<Measure, number>;

const HOW = "counted by D1 and the queue, in the project's tests";

/** The budgets. A name that the test prints and this table does not know is shown without one. */
const BUDGETS: Record<string, { readonly title: string; readonly most: Partial<Cost> }> = {
  bulk_task: { title: 'one task of a bulk', most: { rows_written: 7, rows_read: 10, messages: 0.05 } },
  single_task: { title: 'one task alone', most: { rows_written: 9, messages: 1, round_trips: 3 } },
  get_task: { title: 'GET /tasks/{id}', most: { rows_read: 1 } },
  list_row: { title: 'GET /tasks, per row of a page', most: { rows_read: 3 } },
  sweep_idle: { title: 'maintenance run with nothing to do', most: { rows_read: 10 } },
};

export async function cost(context: Context): Promise<Row[]> {
  const costs = await readCosts(TEST);
  if (costs.size === 0) return [unmeasured('D1 and Queues per task', `${TEST} printed no cost lines`, 'failed')];
  const rows: Row[] = [];
  for (const [name, seen] of costs) {
    const { title, most } = BUDGETS[name] ?? { title: name.replaceAll('_', ' '), most: {} };
    context.say(`${title}: ${JSON.stringify(seen)}`);
    for (const of of Object.keys(seen) as Measure[]) {
      const limit = most[of];
      if (limit !== undefined || !BUDGETS[name])
        rows.push(measure({ what: `${title}: ${words(of)}`, value: seen[of], most: limit, how: HOW }));
    }
  }
  return rows;
}

/**
 * Runs the test in workerd and reads its lines. `test`: a part of its path. If the test fails because of a budget, the cost
 * is still read, and the goal is shown as not met.
 */
export async function readCosts(test: string): Promise<Map<string, Cost>> {
  const command = ['vitest', 'run', test, '--reporter=verbose'];
  const output = await run(command, { seconds: 180 }).catch((error: Error) => error.message);
  const costs = new Map<string, Cost>();
  for (const [, name = '', read, written, messages, trips] of output.matchAll(LINE)) {
    costs.set(name, {
      rows_read: Number(read),
      rows_written: Number(written),
      messages: Number(messages),
      round_trips: Number(trips),
    });
  }
  return costs;
}

function words(of: Measure): string {
  return {
    rows_read: 'D1 rows read',
    rows_written: 'D1 rows written',
    messages: 'messages',
    round_trips: 'D1 round trips',
  }[of];
}
