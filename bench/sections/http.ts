// Enqueueing over HTTP: 16 keep-alive connections of wrk, one task a request, beside FastAPI + Celery. The workers of
// both sides run at the same time, and each round starts when the tasks of the round before are done.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Errand, startErrand, waitUntilDone } from '../errand.ts';
import { startCelery, startFastApi, startRedis } from '../peers.ts';
import { freePort, run, type Server, scratchFolder, start } from '../processes.ts';
import { type Context, celeryName, missing, titled } from '../section.ts';
import { startStraight } from '../straight.ts';
import { compare, median, type Row, unmeasured } from '../table.ts';

const WHAT = 'HTTP enqueue, 16 connections';
const STRAIGHT = 'HTTP enqueue straight at workerd, 16 connections';
const HOW = 'wrk, the middle one of three rounds of 5 s';
const CONNECTIONS = 16;
const GOAL = 1;
const FLOOR = join(import.meta.dirname, '..', 'floor');
const SCRIPT = join(import.meta.dirname, '..', 'post.lua');
const POLL_MS = 50;

interface Load {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

export async function http(context: Context): Promise<Row[]> {
  const why = missing(context, 'wrk');
  if (why) return [unmeasured(WHAT, why, 'skipped')];
  const peer = `${titled(context, 'FastAPI', 'fastapi')} + ${celeryName(context)}`;
  const ours = await loadErrand(context, 'Errand', () => startErrand());
  const straight = await loadErrand(context, 'Errand straight at workerd', () => startStraight());
  const least = await loadFloor(context);
  const floor = compare({
    what: WHAT,
    unit: 'requests/s',
    errand: ours.rate,
    peer: 'the least a Worker does under wrangler dev',
    value: least.rate,
    how: HOW,
  });
  const absent = missing(context, 'redis-server', 'celery', 'fastapi');
  if (absent) return [unmeasured(WHAT, `${peer}: ${absent}`, 'skipped'), floor];
  const theirs = await loadFastApi(context);
  return [
    compare({ what: WHAT, unit: 'requests/s', errand: ours.rate, peer, value: theirs.rate, how: HOW }),
    compare({
      what: STRAIGHT,
      unit: 'requests/s',
      errand: straight.rate,
      peer,
      value: theirs.rate,
      how: HOW,
      goal: GOAL,
    }),
    floor,
    compare({ what: `${WHAT}, p50`, unit: 'ms', errand: ours.p50, peer, value: theirs.p50, how: HOW }),
    compare({ what: `${WHAT}, p99`, unit: 'ms', errand: ours.p99, peer, value: theirs.p99, how: HOW }),
  ];
}

async function loadErrand(context: Context, name: string, startServer: () => Promise<Errand>): Promise<Load> {
  const errand = await startServer();
  try {
    const body = JSON.stringify({ name: 'demo.echo', input: { value: 1 } });
    return await load(context, name, `${errand.url}/tasks`, body, () => waitUntilDone(errand.url));
  } finally {
    await errand.stop();
  }
}

/** One INSERT and one message a request, in a Worker that does nothing else. */
async function loadFloor(context: Context): Promise<Load> {
  const port = await freePort();
  const settings = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', '0', '--persist-to'];
  const command = ['wrangler', 'dev', '--show-interactive-dev-session=false', ...settings, await scratchFolder()];
  const worker = await start(command, /Ready on/, { cwd: FLOOR, seconds: 90 });
  try {
    const body = JSON.stringify({ name: 'demo.echo', input: { value: 1 } });
    return await load(context, 'the least a Worker does', `http://127.0.0.1:${port}/`, body, async () => {});
  } finally {
    await worker.stop();
  }
}

async function loadFastApi(context: Context): Promise<Load> {
  const redis = await startRedis();
  const servers: Server[] = [redis];
  try {
    servers.unshift(await startCelery(redis));
    const fastapi = await startFastApi(redis);
    servers.unshift(fastapi);
    const backlog = ['redis-cli', '-p', `${redis.port}`, 'llen', 'celery'];
    const idle = async () => {
      while ((await run(backlog, { seconds: 10 })).trim() !== '0') await sleep(POLL_MS);
    };
    return await load(context, 'FastAPI + Celery', `${fastapi.url}/enqueue`, JSON.stringify({ value: 1 }), idle);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** A warm-up, then three rounds; the round with the median rate. */
async function load(
  context: Context,
  name: string,
  url: string,
  body: string,
  idle: () => Promise<void>,
): Promise<Load> {
  const seconds = context.short ? 1 : 5;
  const rounds: Load[] = [];
  await round(url, body, context.short ? 1 : 2);
  while (rounds.length < (context.short ? 1 : 3)) {
    await idle();
    const seen = await round(url, body, seconds);
    context.say(`${name}: ${seen.rate.toFixed(0)} requests/s, p50 ${seen.p50} ms, p99 ${seen.p99} ms`);
    rounds.push(seen);
  }
  const rate = median(rounds.map((seen) => seen.rate));
  const middle = rounds.find((seen) => seen.rate === rate);
  if (!middle) throw new Error('no rounds');
  return middle;
}

/** One load of wrk on an address that takes POST. */
export async function round(url: string, body: string, seconds: number): Promise<Load> {
  const settings = ['-t', '1', '-c', `${CONNECTIONS}`, '-d', `${seconds}s`, '--timeout', '10s', '-s', SCRIPT];
  const output = await run(['wrk', ...settings, url], { env: { BENCH_BODY: body }, seconds: seconds + 30 });
  const line = output.split('\n').find((text) => text.startsWith('{')) ?? '{}';
  const seen = JSON.parse(line) as Record<'requests' | 'refused' | 'broken' | 'seconds' | 'p50' | 'p99', number>;
  if (!seen.requests || seen.refused > 0 || seen.broken > 0) throw new Error(`${url}: requests failed: ${line}`);
  return { rate: seen.requests / seen.seconds, p50: seen.p50, p99: seen.p99 };
}
