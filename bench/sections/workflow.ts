// Chords: the time from the call to the body's result, beside Celery's chord; and what a member costs on D1 as the chord
// grows, as a test of the engine counts it.
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
  const ours = await timeErrand(context, sizes);
  const why = missing(context, 'redis-server', 'celery');
  const theirs = why ? new Map<number, number>() : await timeCelery(context, sizes);
  const rows = sizes.map((size): Row => {
    const what = `chord of ${size.toLocaleString('en-US')}, call to the body's result`;
    const value = theirs.get(size);
    const errand = ours.get(size) ?? 0;
    if (value !== undefined) return compare({ what, unit: 's', errand, peer: celeryName(context), value, how: HOW });
    return measure({ what, unit: 's', value: errand, how: HOW });
  });
  return [...rows, ...(await costRows(context))];
}

/** The rows of a member must not grow with the number of members. */
async function costRows(context: Context): Promise<Row[]> {
  const costs = await readCosts('test/engine/workflow/scale.test.ts');
  const [small, large] = [costs.get('chord_100'), costs.get('chord_10000')];
  if (!small || !large) return [unmeasured('chord: D1 rows per member', 'the test printed no cost lines', 'failed')];
  context.say(`per member: ${JSON.stringify([...costs])}`);
  const row = (name: string, pick: (cost: Cost) => number) =>
    measure({
      what: `chord of 10,000: D1 rows ${name}, a member`,
      value: pick(large),
      beside: { name: 'chord of 100', value: pick(small) },
      most: Math.ceil(pick(small) * 1.1),
      how: "counted by D1, in the project's tests",
    });
  return [row('read', (cost) => cost.rows_read), row('written', (cost) => cost.rows_written)];
}

async function timeErrand(context: Context, sizes: readonly number[]): Promise<Map<number, number>> {
  const errand = await startErrand();
  const times = new Map<number, number>();
  try {
    for (const size of [10, ...sizes]) {
      const runs: number[] = [];
      for (let round = 0; round < RUNS; round++) runs.push(await timeChord(errand.url, size));
      times.set(size, median(runs));
      context.say(`Errand: chord of ${size}: ${median(runs).toFixed(3)} s`);
    }
  } finally {
    await errand.stop();
  }
  return times;
}

async function timeChord(url: string, size: number): Promise<number> {
  const header = Array.from({ length: size }, (_, value) => ({ task: 'demo.echo', input: { value } }));
  const started = performance.now();
  const { task_ids } = await call<{ task_ids: string[] }>(`${url}/workflows`, {
    chord: { header, body: { task: 'canvas.gather' } },
  });
  const body = task_ids.at(-1);
  for (;;) {
    const { status } = await call<{ status: string }>(`${url}/tasks/${body}?wait=30`);
    if (status === 'SUCCESS') return (performance.now() - started) / 1000;
    if (status === 'FAILURE') throw new Error(`the body of a chord of ${size} failed`);
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
