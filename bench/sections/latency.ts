// One call to its result on an idle system, over HTTP: POST, then a GET that waits, beside FastAPI + Celery.
import { setTimeout as sleep } from 'node:timers/promises';
import { call, startErrand } from '../errand.ts';
import { startCelery, startFastApi, startRedis } from '../peers.ts';
import type { Server } from '../processes.ts';
import { type Context, celeryName, missing, titled } from '../section.ts';
import { compare, median, percentile, type Row, unmeasured } from '../table.ts';

const WHAT = 'one call to its result, idle';
const WARM_UP = 5;
/** Between two calls, so that each meets an idle system. */
const PAUSE_MS = 50;

export async function latency(context: Context): Promise<Row[]> {
  const ours = await timeErrand(context);
  const peer = `${titled(context, 'FastAPI', 'fastapi')} + ${celeryName(context)}`;
  const why = missing(context, 'redis-server', 'celery', 'fastapi');
  if (why) return [unmeasured(WHAT, `${peer}: ${why}`, 'skipped')];
  const theirs = await timeFastApi(context);
  const how = `${ours.length} calls, one after the other`;
  return [
    compare({ what: `${WHAT}, median`, unit: 'ms', errand: median(ours), peer, value: median(theirs), how }),
    compare({
      what: `${WHAT}, p90`,
      unit: 'ms',
      errand: percentile(ours, 90),
      peer,
      value: percentile(theirs, 90),
      how,
    }),
  ];
}

async function timeErrand(context: Context): Promise<number[]> {
  const errand = await startErrand();
  try {
    const body = { name: 'demo.echo', input: { value: 1 } };
    return await times(context, 'Errand', `${errand.url}/tasks`, body, (id) => `${errand.url}/tasks/${id}?wait=10`);
  } finally {
    await errand.stop();
  }
}

async function timeFastApi(context: Context): Promise<number[]> {
  const redis = await startRedis();
  const servers: Server[] = [redis];
  try {
    servers.unshift(await startCelery(redis));
    const { url, ...server } = await startFastApi(redis);
    servers.unshift(server);
    return await times(context, 'FastAPI + Celery', `${url}/enqueue`, { value: 1 }, (id) => `${url}/result/${id}`);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Milliseconds of each call: from sending the POST to having read the result. */
async function times(
  context: Context,
  name: string,
  enqueueUrl: string,
  body: unknown,
  resultUrl: (id: string) => string,
): Promise<number[]> {
  const millis: number[] = [];
  const rounds = context.short ? 10 : 50;
  for (let n = 0; n < WARM_UP + rounds; n++) {
    const started = performance.now();
    const { task_id } = await call<{ task_id: string }>(enqueueUrl, body);
    const task = await call<{ status: string }>(resultUrl(task_id));
    const taken = performance.now() - started;
    if (task.status !== 'SUCCESS') throw new Error(`${name}: ${task_id} is ${task.status}`);
    if (n >= WARM_UP) millis.push(taken);
    await sleep(PAUSE_MS);
  }
  context.say(`${name}: median ${median(millis).toFixed(1)} ms, p90 ${percentile(millis, 90).toFixed(1)} ms`);
  return millis;
}
