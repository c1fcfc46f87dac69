import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chain } from '../../src/engine/index.ts';
import {
  createRegistry,
  enqueue,
  findTask,
  listTasks,
  retryTask,
  revokeTask,
  sweep,
  useEngine,
} from '../../src/engine/manage.ts';
import { deliverCallback } from '../../src/tasks/callback-deliver.ts';
import { allTasks, callbackFault } from '../../src/tasks/index.ts';
import { claimAndDie } from '../support/dying.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const SECRET = `whsec_${btoa('a secret that only the tests know')}`;
const URL_ = 'https://shop.example/hooks';

interface Received {
  headers: Record<string, string>;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

let received: Received[];
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  await env.DB.prepare('DELETE FROM tasks').run();
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    expect(String(url)).toBe(URL_);
    expect(init?.redirect).toBe('manual');
    const headers = Object.fromEntries(new Headers(init?.headers));
    // verify() would need a signature from now, and tests move the clock, so the signature is made again and compared.
    const signedAt = new Date(Number(headers['webhook-timestamp']) * 1000);
    const signature = new Webhook(SECRET).sign(headers['webhook-id'] ?? '', signedAt, String(init?.body));
    expect(headers['webhook-signature']).toBe(signature);
    received.push({ headers, body: JSON.parse(String(init?.body)) as Received['body'] });
    return new Response(null, { status: answers.shift() ?? 204 });
  });
});
afterEach(() => vi.restoreAllMocks());

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([], { registry: createRegistry([...allTasks({ demo: true }), scripted]) });
  engine.taskSettings.callbacks = { secret: SECRET, allowPrivate: false };
  useEngine(engine);
  return engine;
}

const options = { callbackUrl: URL_, tags: ['t'] };
const enqueueOne = async (engine: TestEngine, input: object, more: object = {}) =>
  (await enqueue(engine, [{ definition: scripted, input, options: { ...options, ...more } }]))[0]!.taskId;
const deliverAll = async (engine: TestEngine) => {
  for (let round = 0; round < 5; round++) await engine.deliver();
};

describe('a callback', () => {
  it('reports a success, signed, with the result', async () => {
    const engine = await anEngine();
    const id = await enqueueOne(engine, { value: 7 });
    await deliverAll(engine);
    const { state, finishedAt } = await findTask(engine, id);
    expect(state).toBe('SUCCESS');
    expect(received).toHaveLength(1);
    expect(received[0]?.body).toEqual({
      type: 'task.succeeded',
      timestamp: new Date(finishedAt!).toISOString(),
      data: {
        task_id: id,
        name: 'test.scripted',
        status: 'SUCCESS',
        result: { attempt: 1, value: 7 },
        error: null,
        tags: ['t'],
      },
    });
    expect(received[0]?.headers['webhook-id']).toBe(`msg_${id}_${finishedAt}`);
  });

  it('reports a failure, a revocation, and a task whose invocations died', async () => {
    const engine = await anEngine();
    const failed = await enqueueOne(engine, { do: ['fail'] });
    await deliverAll(engine);
    const revoked = await enqueueOne(engine, {}, { countdown: 3600 });
    await revokeTask(engine, revoked);
    engine.settings.maxCrashes = 1;
    const poisoned = await enqueueOne(engine, {});
    await engine.idle();
    for (const messages of Object.values(engine.sent)) messages.splice(0);
    await claimAndDie(engine, [poisoned]);
    engine.advance(120);
    await sweep(engine);
    await sweep(engine);
    await deliverAll(engine);
    const seen = received.map(({ body }) => [body.data.task_id, body.type]).sort();
    expect(seen).toEqual(
      [
        [failed, 'task.failed'],
        [poisoned, 'task.failed'],
        [revoked, 'task.revoked'],
      ].sort(),
    );
    expect(received.find(({ body }) => body.data.task_id === failed)?.body.data.error).toMatchObject({
      code: 'on_purpose',
    });
  });

  it('is retried like any task, under the same id, until the receiver accepts it', async () => {
    const engine = await anEngine();
    answers = [500, 302, 404, 200];
    await enqueueOne(engine, {});
    await engine.drain(40);
    expect(received).toHaveLength(4);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is tried for five hours on average and ten at the latest, as the guide says', () => {
    const { maxRetries: max, handler } = deliverCallback;
    const hours = (random: number) =>
      Array.from({ length: max }, (_, retry) => handler.backoff(retry, undefined, () => random)).reduce(
        (a, b) => a + b,
      ) / 3600;

    expect(max).toBe(12);
    expect(hours(0.5)).toBeCloseTo(4.8, 1);
    expect(hours(0.999_999)).toBeCloseTo(9.7, 1);
  });

  it('is not retried when the receiver answers 410', async () => {
    const engine = await anEngine();
    answers = [410];
    await enqueueOne(engine, {});
    await deliverAll(engine);
    const [delivery] = await listTasks(engine, { name: 'callback.deliver' }, { limit: 5, before: undefined });
    expect(delivery).toMatchObject({ state: 'FAILURE', error: { code: 'gone' } });
    expect(received).toHaveLength(1);
  });

  it('is sent again when a task that a person retried ends again', async () => {
    const engine = await anEngine();
    const id = await enqueueOne(engine, { do: ['fail', 'succeed'] });
    await deliverAll(engine);
    await retryTask(engine, id);
    await deliverAll(engine);
    expect(received.map(({ body }) => body.type)).toEqual(['task.failed', 'task.succeeded']);
    expect(await listTasks(engine, { name: 'callback.deliver' }, { limit: 5, before: undefined })).toHaveLength(1);
  });

  it('is not sent when a caller enqueues it, because its signature would confirm a request that was never made', async () => {
    const engine = await anEngine();
    const [ended] = await enqueue(engine, [{ definition: scripted, input: { value: 7 } }]);
    await deliverAll(engine);
    const input = { url: URL_, task_id: ended!.taskId, workflow_id: ended!.taskId };
    const [forged] = await enqueue(engine, [{ definition: deliverCallback, input }]);
    await deliverAll(engine);

    expect(await findTask(engine, forged!.taskId)).toMatchObject({ state: 'FAILURE', error: { code: 'bad_callback' } });
    expect(received).toEqual([]);
  });

  it('of a workflow reports the workflow', async () => {
    const engine = await anEngine();
    const links = chain(scripted.si({ value: 1 }), scripted.si({ value: 2 }));
    const { workflowId, resultTaskId } = await links.enqueue({ callbackUrl: URL_ });
    await deliverAll(engine);
    expect(received.map(({ body }) => body)).toMatchObject([
      { type: 'workflow.succeeded', data: { workflow_id: workflowId, task_id: resultTaskId, result: { value: 2 } } },
    ]);
  });
});

describe('the URL of a callback', () => {
  it.each([
    ['https://shop.example/hooks', undefined],
    ['https://93.184.216.34/', undefined],
    ['http://shop.example/', 'must begin with https:'],
    ['ftp://shop.example/', 'must be an http(s) URL'],
    ['https://user:secret@shop.example/', 'must not contain credentials'],
    ['https://localhost/', 'must not lead into a private network'],
    ['https://[2606:2800:220:1:248:1893:25c8:1946]/', undefined],
    ['https://localhost../', 'must not lead into a private network'],
    ['https://printer.local./', 'must not lead into a private network'],
    ['https://intranet/', 'must have a public host name'],
    ['https://127.0.0.1/', 'must not lead to a private, loopback or reserved address'],
    ['https://2130706433/', 'must not lead to a private, loopback or reserved address'],
    ['https://10.1.2.3/', 'must not lead to a private, loopback or reserved address'],
    ['https://127.0.0.1../', 'must not lead to a private, loopback or reserved address'],
    ['https://169.254.169.254/latest', 'must not lead to a private, loopback or reserved address'],
    ['https://[::1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[::ffff:10.0.0.1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[fd00::1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[::127.0.0.1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[::a9fe:a9fe]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[::]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[2002:7f00:1::]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[2001:0:53aa:64c:0:fbff:ae93:1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[2001:db8::1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[64:ff9b::7f00:1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[100::1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[fe80::1]/', 'must not lead to a private, loopback or reserved address'],
    ['https://[4000::1]/', 'must not lead to a private, loopback or reserved address'],
  ])('%s: %s', (url, fault) => {
    expect(callbackFault(url, false)).toBe(fault);
  });

  it('may be any URL in development', () => {
    expect(callbackFault('http://127.0.0.1:9000/', true)).toBeUndefined();
  });
});
