// `npm run test:streams`: opens 500 streams of task events on a dev server, half of them on one running task, and checks that
// the server still does its work: a new task runs within 2 s, and /healthz answers within 1 s. It then cancels half of the
// streams and checks the same again, and that the rest receive the end of their task.
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, createApi, expect } from '../../scripts/api.ts';
import { type Booted, bootServer, killBooted } from '../../scripts/boot.ts';
import { failWith, readOptions } from '../../scripts/options.ts';

const STREAMS = 500;
const ROUNDS = 10;
const MAX_TASK_MS = 2000;
const MAX_HEALTH_MS = 1000;
/** Longer than a busy machine takes to open the streams and to measure. The task is revoked at the end. */
const RUNNING_SECONDS = 600;
/** Opening and ending the streams is not measured. */
/** A quiet stream is written to every 15 seconds. */
const ROOM_MS = 45_000;
const PATIENCE_MS = 90_000;

interface OpenStream {
  request: ClientRequest;
  status?: number;
  retryAfter?: string | undefined;
  states: number;
  ended: boolean;
}

let server: Booted | undefined;
let stateDir: string | undefined;

async function main(): Promise<void> {
  readOptions({ usage: 'npm run test:streams', about: `Checks a server that has ${STREAMS} open streams.` }, {});
  stateDir = await mkdtemp(join(tmpdir(), 'errand-streams-'));
  server = await bootServer({ stateDir, vars: [`MAX_STREAMS:${STREAMS}`], timeoutSeconds: 120 });
  const api = createApi(server.origin);

  const running = await enqueue(api, 'demo.sleep', { seconds: RUNNING_SECONDS, steps: 1000 }, { queue: 'low' });
  const onRunning = Array.from({ length: STREAMS / 2 }, () => openStream(running));
  const onWaiting: OpenStream[] = [];
  for (let made = 0; made < STREAMS / 2; made++)
    onWaiting.push(openStream(await enqueue(api, 'demo.add', { a: 1, b: 2 }, { countdown: 3600 })));
  const all = [...onRunning, ...onWaiting];
  await until(() => all.every(({ states }) => states > 0), `all ${STREAMS} streams to send the state of their task`);
  say(
    `${STREAMS} streams are open: ${onRunning.length} on a running task, ${onWaiting.length} on a waiting task each.`,
  );

  await expectRefusal(running);
  await measure(api, `with ${STREAMS} streams`);

  const cancelled = all.filter((_, index) => index % 2 === 0);
  for (const { request } of cancelled) request.destroy();
  await measure(api, `with half of them cancelled`);
  await expectRoom(running, cancelled.length);

  const left = onRunning.filter((stream) => !cancelled.includes(stream));
  await api.post(`/tasks/${running}/revoke`, {});
  await until(() => left.every(({ ended }) => ended), `the ${left.length} streams to receive the end of their task`);
  say(`All ${left.length} streams that were left on the running task have received its end.`);
  const crossed = server.tail.filter((line) => line.includes('different request context'));
  expect(crossed.length === 0, 'no request to wake another one, which workerd reports as a warning');
}

async function enqueue(api: Api, name: string, input: object, options: object = {}): Promise<string> {
  return (await api.post<{ task_id: string }>('/tasks', { name, input, options })).body.task_id;
}

function openStream(taskId: string): OpenStream {
  const request = get(`${server?.origin}/tasks/${taskId}/events`, { agent: false });
  const stream: OpenStream = { request, states: 0, ended: false };
  request.on('error', () => {});
  request.on('response', (response) => {
    stream.status = response.statusCode ?? 0;
    stream.retryAfter = response.headers['retry-after'];
    response.setEncoding('utf8');
    response.on('error', () => {});
    response.on('data', (text: string) => {
      stream.states += text.match(/^event: state$/gm)?.length ?? 0;
      stream.ended ||= /^event: end$/m.test(text);
    });
  });
  return stream;
}

/** One stream more than are allowed. */
async function expectRefusal(taskId: string): Promise<void> {
  const stream = openStream(taskId);
  await until(() => stream.status !== undefined, 'an answer to one stream more');
  stream.request.destroy();
  expect(stream.status === 503, `status 503 for stream ${STREAMS + 1}, not ${stream.status}`);
  expect(stream.retryAfter !== undefined, 'a Retry-After header with the status 503');
  say(`One more stream is refused with 503 and Retry-After: ${stream.retryAfter}.`);
}

/** The places of cancelled streams become free, at the latest when the Worker next writes to them. */
async function expectRoom(taskId: string, places: number): Promise<void> {
  const from = performance.now();
  const accepted: OpenStream[] = [];
  for (;;) {
    const tried = Array.from({ length: places - accepted.length }, () => openStream(taskId));
    await until(() => tried.every(({ status }) => status !== undefined), `${tried.length} answers`);
    accepted.push(...tried.filter(({ status }) => status === 200));
    const missing = places - accepted.length;
    if (missing === 0) break;
    const late = performance.now() - from > ROOM_MS;
    expect(
      !late,
      `room for ${places} streams ${ROOM_MS / 1000} s after ${places} were cancelled, but ${missing} lack it`,
    );
    await wait(1000);
  }
  for (const { request } of accepted) request.destroy();
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  say(`${places} new streams had the places of the cancelled ones after ${seconds} s.`);
}

async function measure(api: Api, when: string): Promise<void> {
  const health: number[] = [];
  const tasks: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    health.push(await timeOf(() => api.get('/healthz')));
    tasks.push(await timeOf(async () => api.follow(await enqueue(api, 'demo.add', { a: 1, b: 2 }))));
    await wait(200);
  }
  const [slowHealth, slowTask] = [Math.max(...health), Math.max(...tasks)];
  say(`${when}: /healthz answered within ${slowHealth} ms, and a new task ran within ${slowTask} ms.`);
  expect(slowHealth <= MAX_HEALTH_MS, `/healthz to answer within ${MAX_HEALTH_MS} ms ${when}`);
  expect(slowTask <= MAX_TASK_MS, `a new task to run within ${MAX_TASK_MS} ms ${when}`);
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await action();
  return Math.round(performance.now() - from);
}

async function until(holds: () => boolean, expectation: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    expect(performance.now() < deadline, `${expectation} within ${PATIENCE_MS / 1000} s`);
    await wait(50);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function cleanUp(): Promise<void> {
  await server?.stop();
  await killBooted();
  if (stateDir) await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void cleanUp().finally(() => process.exit(130)));
try {
  await main();
  await cleanUp();
  process.exit(0);
} catch (error) {
  for (const line of server?.tail.slice(-20) ?? []) process.stderr.write(`  ${line}\n`);
  await cleanUp();
  failWith(error);
}
