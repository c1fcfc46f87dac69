// 10,000 no-op tasks from the call to the last result: one POST /tasks/batch beside Celery's .delay() loop and BullMQ's
// addBulk().
import { startErrand, timeBulk } from '../errand.ts';
import { PEERS_FOLDER, PYTHON, startCelery, startRedis } from '../peers.ts';
import { run, type Server } from '../processes.ts';
import { type Context, celeryName, missing, titled } from '../section.ts';
import { compare, median, type Row, unmeasured } from '../table.ts';

const CELERY_GOAL = 30;
const BULLMQ_GOAL = 3;
const PEER_SECONDS = 300;

export async function bulk(context: Context): Promise<Row[]> {
  const count = context.short ? 1_000 : 10_000;
  const runs = context.short ? 1 : 5;
  const what = `${count.toLocaleString('en-US')} no-op tasks, call to last SUCCESS`;
  const ours = median(await timeErrand(context, runs, count));

  async function row(peer: string, why: string, goal: number, times: () => Promise<number[]>): Promise<Row> {
    if (why) return unmeasured(what, `${peer}: ${why}`, 'skipped');
    const theirs = await times();
    const how = `median of ${runs} runs, ${theirs.length} of the peer`;
    return compare({ what, unit: 's', errand: ours, peer, value: median(theirs), how, goal });
  }
  return [
    await row(celeryName(context), missing(context, 'redis-server', 'celery'), CELERY_GOAL, () =>
      timeCelery(context, Math.min(runs, 3), count),
    ),
    await row(
      `${titled(context, 'BullMQ', 'bullmq')} + Redis`,
      missing(context, 'redis-server', 'bullmq'),
      BULLMQ_GOAL,
      () => timeBullmq(context, runs, count),
    ),
  ];
}

/** A smaller bulk to warm up, as the peers have, then the timed ones. */
async function timeErrand(context: Context, runs: number, count: number): Promise<number[]> {
  const errand = await startErrand();
  try {
    await timeBulk(errand.url, count / 10);
    const times: number[] = [];
    while (times.length < runs) {
      const { seconds, publishSeconds } = await timeBulk(errand.url, count);
      context.say(`Errand: ${seconds.toFixed(3)} s (accepted after ${publishSeconds.toFixed(3)} s)`);
      times.push(seconds);
    }
    return times;
  } finally {
    await errand.stop();
  }
}

async function timeCelery(context: Context, runs: number, count: number): Promise<number[]> {
  const redis = await startRedis();
  let celery: Server | undefined;
  try {
    celery = await startCelery(redis);
    return await timePeer(context, 'Celery', [PYTHON, 'celery_bulk.py'], redis.env, runs, count);
  } finally {
    await celery?.stop();
    await redis.stop();
  }
}

async function timeBullmq(context: Context, runs: number, count: number): Promise<number[]> {
  const redis = await startRedis();
  try {
    return await timePeer(context, 'BullMQ', ['node', 'bullmq.mjs'], redis.env, runs, count);
  } finally {
    await redis.stop();
  }
}

/** Runs a peer's script: one warm-up of a tenth, then the timed runs; the script prints a JSON line for each. */
async function timePeer(
  context: Context,
  name: string,
  script: readonly string[],
  env: Record<string, string>,
  runs: number,
  count: number,
): Promise<number[]> {
  const command = [...script, '1', `${count / 10}`, `${runs}`, `${count}`];
  const output = await run(command, { cwd: PEERS_FOLDER, env, seconds: PEER_SECONDS });
  const lines = output.trim().split('\n').slice(1);
  return lines.map((line) => {
    const { seconds, publish_seconds } = JSON.parse(line) as { seconds: number; publish_seconds: number };
    context.say(`${name}: ${seconds.toFixed(3)} s (published after ${publish_seconds.toFixed(3)} s)`);
    return seconds;
  });
}
