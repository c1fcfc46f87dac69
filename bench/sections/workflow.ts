// Chords: the time from the call to the body's result, beside Celery's chord; graphs of as many nodes; and what a member costs on
// D1 as they grow, as a test of the engine counts it.
import { call, startErrand } from '../errand.ts';
import { PEERS_FOLDER, PYTHON, startCelery, startRedis } from '../peers.ts';
import { run } from '../processes.ts';
import { type Context, celeryName, missing } from '../section.ts';
import { compare, measure, median, type Row, unmeasured } from '../table.ts';
import { type Cost, readCosts } from './cost.ts';

/** The time of Celery's chord grows with the square of its size: larger ones take minutes. */
const CELERY_SIZES = [100, 1000];
const PEER_SECONDS = 300;
const RUNS = 3;
const HOW = `median of ${RUNS} runs`;

export async function workflow(context: Context): Promise<Row[]> {
  const sizes = context.short ? [100] : [100, 1000, 10_000];
  const ours = await timeErrand(context, 'chord', sizes);
  const why = missing(context, 'redis-server', 'celery');
  const theirs = why ? new Map<number, number>() : await timeCelery(context, sizes);
  const rows = sizes.map((size): Row => {
    const what = `chord of ${size.toLocaleString('en-US')}, call to the body's result`;
    const value = theirs.get(size);
    const errand = ours.get(size) ?? 0;
    if (value !== undefined) return compare({ what, unit: 's', errand, peer: celeryName(context), value, how: HOW });
    return measure({ what, unit: 's', value: errand, how: HOW });
  });
  const graphs = await timeErrand(context, 'graph', sizes);
  const graphRows = sizes.map((size): Row => {
    const what = `graph of ${size.toLocaleString('en-US')} nodes in ten layers, call to its result`;
    const beside = { name: `chord of ${size.toLocaleString('en-US')}`, value: ours.get(size) ?? 0 };
    return measure({ what, unit: 's', value: graphs.get(size) ?? 0, beside, how: HOW });
  });
  const costs = await readCosts('test/engine/workflow/scale.test.ts');
  context.say(`per member: ${JSON.stringify([...costs])}`);
  return [...rows, ...graphRows, ...costRows(costs, 'chord', 'member'), ...costRows(costs, 'graph', 'node')];
}

/** The rows of a member must not grow with the number of members. */
function costRows(costs: ReadonlyMap<string, Cost>, shape: string, member: string): Row[] {
  const [small, large] = [costs.get(`${shape}_100`), costs.get(`${shape}_10000`)];
  if (!small || !large)
    return [unmeasured(`${shape}: D1 rows per ${member}`, 'the test printed no cost lines', 'failed')];
  const row = (name: string, pick: (cost: Cost) => number) =>
    measure({
      what: `${shape} of 10,000: D1 rows ${name}, a ${member}`,
      value: pick(large),
      beside: { name: `${shape} of 100`, value: pick(small) },
      most: Math.ceil(pick(small) * 1.1),
      how: "counted by D1, in the project's tests",
    });
  return [row('read', (cost) => cost.rows_read), row('written', (cost) => cost.rows_written)];
}

async function timeErrand(
  context: Context,
  shape: keyof typeof SHAPES,
  sizes: readonly number[],
): Promise<Map<number, number>> {
  const errand = await startErrand();
  const times = new Map<number, number>();
  try {
    for (const size of [10, ...sizes]) {
      const runs: number[] = [];
      for (let round = 0; round < RUNS; round++) runs.push(await timeWorkflow(errand.url, SHAPES[shape](size)));
      times.set(size, median(runs));
      context.say(`Errand: ${shape} of ${size}: ${median(runs).toFixed(3)} s`);
    }
  } finally {
    await errand.stop();
  }
  return times;
}

const echo = (value: number) => ({ task: 'demo.echo', input: { value }, immutable: true });

const SHAPES = { chord: chordOf, graph: graphOf };

/** A chord with a header of `size` no-op tasks; its body gathers their results. */
export function chordOf(size: number) {
  return {
    chord: { header: Array.from({ length: size }, (_, value) => echo(value)), body: { task: 'canvas.gather' } },
  };
}

/** Each node comes after two nodes of the layer before. */
function graphOf(size: number) {
  const width = size / 10;
  const name = (layer: number, n: number) => `l${layer}n${n % width}`;
  const nodes = Array.from({ length: size }, (_, value) => {
    const [layer, n] = [Math.floor(value / width), value % width];
    const after = layer === 0 ? [] : [...new Set([name(layer - 1, n), name(layer - 1, n + 1)])];
    return [name(layer, n), { ...echo(value), after }];
  });
  return { dag: Object.fromEntries(nodes) as Record<string, unknown> };
}

/** Seconds from the call to the result of the last task. */
export async function timeWorkflow(url: string, description: object): Promise<number> {
  const started = performance.now();
  const { task_ids } = await call<{ task_ids: string[] }>(`${url}/workflows`, description);
  const last = task_ids.at(-1);
  for (;;) {
    const { status } = await call<{ status: string }>(`${url}/tasks/${last}?wait=30`);
    if (status === 'SUCCESS') return (performance.now() - started) / 1000;
    if (status === 'FAILURE') throw new Error(`the last task of ${JSON.stringify(description).slice(0, 100)} failed`);
  }
}

async function timeCelery(context: Context, sizes: readonly number[]): Promise<Map<number, number>> {
  const redis = await startRedis();
  const times = new Map<number, number>();
  try {
    const celery = await startCelery(redis);
    try {
      for (const size of sizes.filter((one) => CELERY_SIZES.includes(one))) {
        const command = [PYTHON, 'celery_chord.py', `${RUNS}`, `${size}`];
        const output = await run(command, { cwd: PEERS_FOLDER, env: redis.env, seconds: PEER_SECONDS });
        const seconds = output
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { seconds: number }).seconds);
        times.set(size, median(seconds));
        context.say(`Celery: chord of ${size}: ${median(seconds).toFixed(3)} s`);
      }
    } finally {
      await celery.stop();
    }
  } finally {
    await redis.stop();
  }
  return times;
}
