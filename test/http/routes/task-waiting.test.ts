// `waiting` of GET /tasks/{id}: each reason, in the form that the OpenAPI document promises.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyDefinition, chain, defineTask, fixed } from '../../../src/engine/index.ts';
import { createRegistry, enqueueOne, pauseQueue, useEngine } from '../../../src/engine/manage.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { aTask } from '../../support/a-task.ts';
import { createJudge, readDocument } from '../../support/openapi.ts';
import { scripted } from '../../support/scripted.ts';
import { aKey, anApp, call, reply } from '../../support/worker.ts';

const judge = createJudge(await readDocument());

beforeEach(async () => {
  await env.DB.batch(['tasks', 'paused_queues', 'circuits'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const nothing = { input: z.object({}), output: z.object({}), run: () => ({}) };
const paced = defineTask({ ...nothing, name: 'test.paced', rateLimit: '2/m' });
const placed = defineTask({ ...nothing, name: 'test.placed', concurrency: { limit: 1 } });
const calling = defineTask({
  ...nothing,
  name: 'test.calling',
  retry: { backoff: fixed(1) },
  run: (_, ctx) =>
    ctx.circuit('api.example.com', async () => {
      throw new Error('down');
    }),
});

async function aService() {
  const { engine, call: request } = await anApp({}, { registry: createRegistry([scripted, paced, placed, calling]) });
  engine.settings.circuit = { faults: 1, probeSeconds: 30 };
  const enqueueOf = async (definition: AnyDefinition, input: object = {}, options: object = {}) =>
    (await enqueueOne(engine, { definition, input, options })).taskId;
  /** The task's `waiting`, after its reply was checked against the schema. */
  const waitOf = async (id: string) =>
    ((await judge('GET /tasks/{id}', await request(`GET /tasks/${id}`))) as TaskJson).waiting;
  return { engine, request, enqueueOf, waitOf };
}

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const NOTHING = { of: null, by: null, next_at: null, ahead: null, since: INSTANT };

describe('waiting of GET /tasks/{id}', () => {
  it('is `queue`, with the number of tasks ahead', async () => {
    const { enqueueOf, waitOf } = await aService();
    await enqueueOf(scripted);
    const id = await enqueueOf(scripted);
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'queue', of: 'default', ahead: 1 });
  });

  it('is `paused`, by an API key', async () => {
    const { engine, enqueueOf, waitOf } = await aService();
    const id = await enqueueOf(scripted);
    await pauseQueue(engine, 'default', 'ops');
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'paused', of: 'default', by: 'ops' });
  });

  it('is `eta`', async () => {
    const { enqueueOf, waitOf } = await aService();
    const id = await enqueueOf(scripted, {}, { countdown: 60 });
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'eta', next_at: INSTANT });
  });

  it('is `retry`, with the code of the last error', async () => {
    const { engine, enqueueOf, waitOf } = await aService();
    const id = await enqueueOf(scripted, { do: ['throw'] });
    await engine.deliver();
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'retry', of: 'error', next_at: INSTANT });
  });

  it('is `rate_limit`', async () => {
    const { engine, enqueueOf, waitOf } = await aService();
    await enqueueOf(paced);
    const id = await enqueueOf(paced);
    await engine.deliver();
    const waiting = { ...NOTHING, reason: 'rate_limit', of: 'test.paced', next_at: INSTANT, ahead: 1 };
    expect(await waitOf(id)).toEqual(waiting);
  });

  it('is `concurrency`, with the concurrency key', async () => {
    const { enqueueOf, waitOf } = await aService();
    const running = await enqueueOf(placed);
    const started = "UPDATE tasks SET state = 'STARTED', lease_id = 'x', fence = 1, started_at = 1 WHERE id = ?";
    await env.DB.prepare(started).bind(running).run();
    const id = await enqueueOf(placed);
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'concurrency', of: 'test.placed', ahead: 0 });
    expect(await waitOf(running)).toBeNull();
  });

  it('is `circuit`, with the dependency; the snoozed attempt keeps the reason and is not counted', async () => {
    const { engine, request, enqueueOf, waitOf } = await aService();
    const id = await enqueueOf(calling);
    await engine.deliver();
    engine.advance(7);
    await engine.deliver();
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'circuit', of: 'api.example.com', next_at: INSTANT });
    const path = `GET /tasks/${id}/attempts`;
    const attempts = (await judge('GET /tasks/{id}/attempts', await request(path))) as { items: object[] };
    expect(attempts.items).toMatchObject([
      { outcome: 'RETRY', reason: null },
      { outcome: 'SNOOZED', reason: { code: 'circuit', of: 'api.example.com' } },
    ]);
    expect(await reply<TaskJson>(200, request(`GET /tasks/${id}`))).toMatchObject({ attempts: 1, crashes: 0 });
  });

  it('is `parents`, with the first unfinished one', async () => {
    const { engine, waitOf } = await aService();
    useEngine(engine);
    const { taskIds, resultTaskId } = await chain(scripted.si({}), scripted.si({})).enqueue();
    expect(await waitOf(resultTaskId)).toEqual({ ...NOTHING, reason: 'parents', of: taskIds[0], ahead: 1 });
  });

  it('is `unknown_task` when this deployment lacks the definition', async () => {
    const { engine, waitOf } = await aService();
    const { id } = await aTask({ name: 'gone.task', createdAt: engine.clock.now() });
    expect(await waitOf(id)).toEqual({ ...NOTHING, reason: 'unknown_task', of: 'gone.task' });
  });

  it('is null for a final task, and is said after ?wait= as well', async () => {
    const { key } = await aKey();
    const { id } = await aTask({ state: 'SUCCESS' });
    expect(await reply(200, call(`GET /tasks/${id}`, { key }))).toMatchObject({ waiting: null });
    expect(await reply(200, call(`GET /tasks/${id}?wait=1`, { key }))).toMatchObject({ waiting: null });
    const json = { name: 'demo.add', input: { a: 1, b: 1 }, options: { countdown: 60 } };
    const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json }));
    const waited = await reply<TaskJson>(200, call(`GET /tasks/${task_id}?wait=0.05`, { key }));
    expect(waited.waiting).toMatchObject({ reason: 'eta', next_at: waited.eta });
  });

  it('is in no other reply about the task, and in no list', async () => {
    const { request, enqueueOf } = await aService();
    const id = await enqueueOf(scripted);
    const list = await reply<{ items: object[] }>(200, request('GET /tasks'));
    expect(list.items[0]).not.toHaveProperty('waiting');
    expect(await reply(200, request(`POST /tasks/${id}/revoke`))).not.toHaveProperty('waiting');
  });
});

describe('the API key that pauses a queue', () => {
  it('is named by the queue and by its tasks, also when a session stands for it', async () => {
    const { key } = await aKey();
    const signedIn = await call('POST /session', { json: { key } });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    for (const headers of [{ authorization: `Bearer ${key}` }, { cookie, origin: 'https://errand.example' }]) {
      const paused = await judge('POST /queues/{name}/pause', await call('POST /queues/low/pause', { headers }));
      expect(paused).toMatchObject({ paused: true, paused_by: 'test', paused_at: INSTANT });
      const json = { name: 'demo.add', input: { a: 1, b: 1 }, options: { queue: 'low' } };
      const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json }));
      expect(await reply(200, call(`GET /tasks/${task_id}`, { key }))).toMatchObject({
        waiting: { reason: 'paused', of: 'low', by: 'test' },
      });
      const resumed = await judge('POST /queues/{name}/resume', await call('POST /queues/low/resume', { headers }));
      expect(resumed).toMatchObject({ paused: false, paused_by: null, paused_at: null });
    }
  });

  it('has no name in open mode', async () => {
    const { request } = await aService();
    expect(await reply(200, request('POST /queues/low/pause'))).toMatchObject({ paused: true, paused_by: null });
  });
});
