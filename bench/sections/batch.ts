// 10,000 tasks of which a hundred share one call of their handler, beside the same tasks alone: once with handlers that return
// at once, and once with an API behind them that takes 20 ms for a request, whatever the request holds.
import { call, checkSuccesses, startErrand, waitUntilDone } from '../errand.ts';
import type { Context } from '../section.ts';
import { compare, median, type Row } from '../table.ts';

const API_MS = 20;

/** One task to enqueue. */
interface Sample {
  name: string;
  input: object;
}

const PAIRS: { what: string; batched: Sample; alone: Sample; goal: number }[] = [
  {
    what: 'no-op tasks, a hundred to a call',
    batched: { name: 'demo.push', input: { device: 'phone', api_ms: 0 } },
    alone: { name: 'demo.push_one', input: { device: 'phone', api_ms: 0 } },
    goal: 1,
  },
  {
    what: `tasks that call an API of ${API_MS} ms, a hundred to a call`,
    batched: { name: 'demo.push', input: { device: 'phone', api_ms: API_MS } },
    alone: { name: 'demo.push_one', input: { device: 'phone', api_ms: API_MS } },
    goal: 2,
  },
];

export async function batch(context: Context): Promise<Row[]> {
  const count = context.short ? 1_000 : 10_000;
  const runs = context.short ? 1 : 5;
  const errand = await startErrand();
  try {
    const rows: Row[] = [];
    for (const { what, batched, alone, goal } of PAIRS) {
      for (const sample of [batched, alone]) await time(errand.url, sample, count / 10);
      const times: { batched: number[]; alone: number[] } = { batched: [], alone: [] };
      // In turn, so that both meet the same machine.
      for (let n = 0; n < runs; n++) {
        times.batched.push(await time(errand.url, batched, count));
        times.alone.push(await time(errand.url, alone, count));
        context.say(
          `${what}: in batches ${times.batched.at(-1)?.toFixed(3)} s, alone ${times.alone.at(-1)?.toFixed(3)} s`,
        );
      }
      rows.push(
        compare({
          what: `${count.toLocaleString('en-US')} ${what}`,
          unit: 's',
          errand: median(times.batched),
          peer: 'the same tasks alone',
          value: median(times.alone),
          how: `median of ${runs} runs each, in turn`,
          goal,
        }),
      );
    }
    return rows;
  } finally {
    await errand.stop();
  }
}

/** Enqueues the tasks by one POST; seconds until the last of them is SUCCESS. */
async function time(url: string, sample: Sample, count: number): Promise<number> {
  const started = performance.now();
  const tasks = Array.from({ length: count }, () => sample);
  const { task_ids } = await call<{ task_ids: string[] }>(`${url}/tasks/batch`, { tasks });
  await waitUntilDone(url);
  const seconds = (performance.now() - started) / 1000;
  await checkSuccesses(url, task_ids, count);
  return seconds;
}
