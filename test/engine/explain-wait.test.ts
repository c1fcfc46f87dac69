// Why a task waits: each reason, as the engine comes to it.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyDefinition, chain, chord, defineTask, fixed } from '../../src/engine/index.ts';
import {
  enqueue,
  enqueueOne,
  findTask,
  findTaskWithWait,
  listAttempts,
  pauseQueue,
  resumeQueue,
  retryTask,
  revokeTask,
  startInBackground,
  sweep,
  useEngine,
} from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';
import { makeEngine, rowOf, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'paused_queues', 'circuits'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const NOTHING = { of: undefined, by: undefined, nextAt: undefined, ahead: undefined };
const waitOf = async (engine: TestEngine, id: string) => (await findTaskWithWait(engine, id)).waiting;
const some = (definition: AnyDefinition, count: number, input: object = {}) =>
  Array.from({ length: count }, () => ({ definition, input }));
const idsOf = (receipts: { taskId: string }[]) => receipts.map(({ taskId }) => taskId);

const paced = defineTask({
  name: 'test.paced',
  input: z.object({}),
  output: z.object({}),
  rateLimit: '2/m',
  run: () => ({}),
});

const placed = defineTask({
  name: 'test.placed',
  input: z.object({ tenant: z.string() }),
  output: z.object({}),
  concurrency: { limit: 1, key: ({ tenant }) => tenant },
  run: () => ({}),
});

const calling = defineTask({
  name: 'test.calling',
  input: z.object({}),
  output: z.object({}),
  retry: { backoff: fixed(5) },
  run: (_, ctx) =>
    ctx.circuit('api.example.com', async () => {
      throw new Error('down');
    }),
});

describe('a task waits for', () => {
  it('its queue, behind the tasks that became due before it', async () => {
    const engine = await makeEngine([scripted]);
    const [first = '', , third = ''] = idsOf(await enqueue(engine, some(scripted, 3)));
    const due = (await findTask(engine, first)).dueAt;
    engine.advance(5);
    const queue = { ...NOTHING, reason: 'queue', of: 'default', since: due };
    expect(await waitOf(engine, first)).toEqual({ ...queue, ahead: 0 });
    expect(await waitOf(engine, third)).toEqual({ ...queue, ahead: 2 });
  });

  it('a paused queue, and it says which API key paused it and when', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await enqueueOne(engine, { definition: scripted, input: {} });
    engine.advance(10);
    const pausedAt = engine.clock.now();
    await pauseQueue(engine, 'default', 'ops');
    engine.advance(240);
    await pauseQueue(engine, 'default', 'another');
    const paused = { ...NOTHING, reason: 'paused', of: 'default', since: pausedAt, by: 'ops' };
    expect(await waitOf(engine, taskId)).toEqual(paused);
    await resumeQueue(engine, 'default');
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'queue', by: undefined });
  });

  it('a paused queue until its ETA at least', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await enqueueOne(engine, { definition: scripted, input: {}, options: { countdown: 60 } });
    await pauseQueue(engine, 'default');
    const { dueAt } = await findTask(engine, taskId);
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'paused', by: undefined, nextAt: dueAt });
  });

  it('its ETA', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await enqueueOne(engine, { definition: scripted, input: {}, options: { countdown: 60 } });
    const { createdAt, dueAt } = await findTask(engine, taskId);
    expect(await waitOf(engine, taskId)).toEqual({ ...NOTHING, reason: 'eta', since: createdAt, nextAt: dueAt });
  });

  it('the rate limit of its definition, also if it had an ETA', async () => {
    const engine = await makeEngine([paced]);
    const ids = idsOf(
      await enqueue(
        engine,
        some(paced, 4).map((one) => ({ ...one, options: { countdown: 60 } })),
      ),
    );
    const wanted = (await findTask(engine, ids[0] ?? '')).dueAt;
    expect(await waitOf(engine, ids[3] ?? '')).toMatchObject({ reason: 'eta' });
    engine.advance(60);
    await engine.deliver();
    const waits = await Promise.all(ids.map((id) => waitOf(engine, id)));
    const { dueAt } = await findTask(engine, ids[3] ?? '');
    expect(dueAt).toBeGreaterThan(wanted);
    expect(waits[3]).toEqual({
      ...{ reason: 'rate_limit', of: 'test.paced', by: undefined, since: wanted, nextAt: dueAt, ahead: 3 },
    });
    expect(waits.slice(1).map((wait) => wait?.ahead)).toEqual([1, 2, 3]);
    expect(waits[0]).toBeUndefined();
  });

  it('a retry, and not the rate limit, once it has started', async () => {
    const failing = defineTask({
      name: 'test.paced_failing',
      input: z.object({}),
      output: z.object({}),
      rateLimit: '2/m',
      retry: { backoff: fixed(100) },
      run: () => {
        throw new Error('no');
      },
    });
    const engine = await makeEngine([failing]);
    const ids = idsOf(await enqueue(engine, some(failing, 2)));
    await engine.deliver();
    expect(await waitOf(engine, ids[1] ?? '')).toMatchObject({ reason: 'rate_limit' });
    engine.advance(31);
    await engine.deliver();
    expect((await rowOf(ids[1] ?? '')).attempt).toBe(1);
    expect(await waitOf(engine, ids[1] ?? '')).toMatchObject({ reason: 'retry', of: 'error' });
  });

  it('its queue, and not the rate limit, after a retry by hand', async () => {
    const engine = await makeEngine([paced]);
    const ids = idsOf(await enqueue(engine, some(paced, 2)));
    await engine.deliver();
    await revokeTask(engine, ids[1] ?? '');
    engine.advance(60);
    await retryTask(engine, ids[1] ?? '');
    expect(await waitOf(engine, ids[1] ?? '')).toMatchObject({ reason: 'queue' });
    expect((await rowOf(ids[1] ?? '')).paced_from).toBeNull();
  });

  it('a place under the concurrency limit of its key', async () => {
    const engine = await makeEngine([placed]);
    const requests = ['a', 'a', 'a', 'b'].map((tenant) => ({ definition: placed, input: { tenant } }));
    const [running = '', second = '', third = '', other = ''] = idsOf(await enqueue(engine, requests));
    const { dueAt } = await findTask(engine, second);
    await env.DB.prepare("UPDATE tasks SET state = 'STARTED', lease_id = 'x', fence = 1, started_at = 1 WHERE id = ?")
      .bind(running)
      .run();
    const key = { ...NOTHING, reason: 'concurrency', of: 'test.placed:a', since: dueAt };
    expect(await waitOf(engine, second)).toEqual({ ...key, ahead: 0 });
    expect(await waitOf(engine, third)).toEqual({ ...key, ahead: 1 });
    expect(await waitOf(engine, other)).toMatchObject({ reason: 'queue' });
    expect(await waitOf(engine, running)).toBeUndefined();
  });

  it('a circuit, and its attempts keep that reason', async () => {
    const engine = await makeEngine([calling]);
    engine.settings.circuit = { faults: 1, probeSeconds: 30 };
    const [first, second = ''] = idsOf(await enqueue(engine, some(calling, 2)));
    await enqueueOne(engine, { definition: calling, input: {} });
    await engine.deliver();
    engine.advance(6);
    await engine.deliver();
    const waits = await Promise.all([first ?? '', second].map((id) => waitOf(engine, id)));
    const circuit = waits.find((wait) => wait?.reason === 'circuit');
    expect(circuit).toMatchObject({ of: 'api.example.com', by: undefined, ahead: undefined });
    const id = waits[0] === circuit ? (first ?? '') : second;
    const last = (await listAttempts(engine, id)).at(-1);
    expect(last).toMatchObject({
      outcome: 'SNOOZED',
      error: undefined,
      reason: { code: 'circuit', of: 'api.example.com', message: expect.stringContaining('is open') },
    });
    expect(circuit?.since).toBe(last?.finishedAt);
    expect(circuit?.nextAt).toBe((await findTask(engine, id)).dueAt);
  });

  it('the next probe of a circuit after a failed one, with its error', async () => {
    const engine = await makeEngine([calling]);
    engine.settings.circuit = { faults: 1, probeSeconds: 30 };
    const { taskId } = await enqueueOne(engine, { definition: calling, input: {} });
    await engine.deliver();
    engine.advance(40);
    await engine.deliver();
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'circuit', of: 'api.example.com' });
    const last = (await listAttempts(engine, taskId)).at(-1);
    expect(last).toMatchObject({ outcome: 'SNOOZED', error: { message: 'down' }, reason: { code: 'circuit' } });
  });

  it('its next attempt, and says how the last one ended', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await enqueueOne(engine, { definition: scripted, input: { do: ['throw', 'snooze'] } });
    await engine.deliver();
    const failed = (await listAttempts(engine, taskId))[0];
    const retry = { ...NOTHING, reason: 'retry', of: 'error', since: failed?.finishedAt };
    expect(await waitOf(engine, taskId)).toEqual({ ...retry, nextAt: (failed?.finishedAt ?? 0) + 5000 });
    engine.advance(5);
    await engine.deliver();
    const snoozed = (await listAttempts(engine, taskId))[1];
    expect(snoozed).toMatchObject({ outcome: 'SNOOZED', reason: { code: 'snoozed', message: 'snoozed for 11 s' } });
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'retry', of: 'snoozed', since: snoozed?.finishedAt });
    engine.advance(11);
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'queue', nextAt: undefined });
  });

  it('its parents, and names the first that is not final', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(engine);
    const { resultTaskId: taskId } = await chord(
      [scripted.s({}), scripted.s({}), scripted.s({})],
      scripted.si({}),
    ).enqueue();
    const { createdAt } = await findTask(engine, taskId);
    const { results: parents } = await env.DB.prepare(
      'SELECT parent_id AS id FROM edges WHERE child_id = ? ORDER BY position',
    )
      .bind(taskId)
      .all<{ id: string }>();
    const first = parents[0]?.id;
    expect(await waitOf(engine, taskId)).toEqual({
      ...{ ...NOTHING, reason: 'parents', since: createdAt, of: first, ahead: parents.length },
    });
    await pauseQueue(engine, 'default');
    expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'parents' });
  });

  it('the next parent when the first has ended', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(engine);
    const { resultTaskId: taskId } = await chain(
      scripted.si({}),
      scripted.si({ do: ['snooze'] }),
      scripted.si({}),
    ).enqueue();
    await engine.deliver();
    const wait = await waitOf(engine, taskId);
    expect(wait).toMatchObject({ reason: 'parents', ahead: 1 });
    expect((await findTask(engine, wait?.of ?? '')).state).toBe('PENDING');
  });

  it('a deployment that knows its definition, before and between its attempts', async () => {
    const engine = await makeEngine([scripted]);
    const { id } = await aTask({ name: 'gone.task', createdAt: engine.clock.now() });
    const unknown = { ...NOTHING, reason: 'unknown_task', of: 'gone.task' };
    expect(await waitOf(engine, id)).toEqual({ ...unknown, since: engine.clock.now() });
    engine.advance(20);
    await sweep(engine);
    await engine.deliver();
    const [tried] = await listAttempts(engine, id);
    expect(tried).toMatchObject({ outcome: 'RETRY', error: { code: 'unknown_task' } });
    const nextAt = (tried?.finishedAt ?? 0) + 60_000;
    expect(await waitOf(engine, id)).toEqual({ ...unknown, since: tried?.finishedAt, nextAt });
  });
});

it('a background task that runs out of time keeps that reason, and waits for its queue', async () => {
  const engine = await makeEngine([scripted]);
  engine.settings.backgroundSeconds = 0.05;
  const { taskId } = await startInBackground(engine, { definition: scripted, input: { do: ['hang'] } });
  await engine.idle();
  const [attempt] = await listAttempts(engine, taskId);
  expect(attempt).toMatchObject({ outcome: 'SNOOZED', reason: { code: 'queue', of: 'default' } });
  expect(await waitOf(engine, taskId)).toMatchObject({ reason: 'queue', of: 'default' });
});

it('a task that snoozes says why in its attempt', async () => {
  const dozing = defineTask({
    name: 'test.dozing',
    input: z.object({}),
    output: z.object({}),
    run: (_, ctx) => ctx.snooze({ for: 11, reason: 'no report yet' }),
  });
  const engine = await makeEngine([dozing]);
  const { taskId } = await enqueueOne(engine, { definition: dozing, input: {} });
  await engine.deliver();
  const [attempt] = await listAttempts(engine, taskId);
  expect(attempt).toMatchObject({ outcome: 'SNOOZED', reason: { code: 'snoozed', message: 'no report yet' } });
});

it('a task that a message brought past the rate limit keeps that reason', async () => {
  const engine = await makeEngine([paced]);
  const { taskId } = await enqueueOne(engine, { definition: paced, input: {} });
  await engine.idle();
  engine.sent.default.splice(0, 1, { body: { ids: [taskId] }, delaySeconds: 0 });
  await engine.deliver();
  const [attempt] = await listAttempts(engine, taskId);
  expect(attempt).toMatchObject({ outcome: 'SNOOZED', reason: { code: 'rate_limit', of: 'test.paced' } });
});

it.each(['STARTED', 'SUCCESS', 'FAILURE', 'REVOKED'] as const)('a task that is %s waits for nothing', async (state) => {
  const engine = await makeEngine([scripted]);
  const { id } = await aTask({ state });
  expect(await waitOf(engine, id)).toBeUndefined();
});

it('an unknown id is refused', async () => {
  const engine = await makeEngine([scripted]);
  await expect(findTaskWithWait(engine, crypto.randomUUID())).rejects.toMatchObject({ code: 'task_not_found' });
});
