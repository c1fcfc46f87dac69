// Tasks that start in the invocation that enqueues them, because their definition or the call says so.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask, group, type Receipt } from '../../src/engine/index.ts';
import { enqueue, findTask, pauseQueue, resumeQueue, sweep, useEngine } from '../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';

/** What running tasks wait for. */
let gate = Promise.withResolvers<void>();
let running = 0;

const here = defineTask({
  name: 'test.here',
  input: z.object({}),
  output: z.object({ attempt: z.int() }),
  queue: 'email',
  start: 'here',
  async run(_, ctx) {
    running++;
    await gate.promise;
    running--;
    return { attempt: ctx.attempt };
  },
});

beforeEach(() => gate.resolve());

const many = (count: number) => Array.from({ length: count }, () => ({ definition: here, input: {}, options: {} }));

describe('a task whose definition says `start: "here"`', () => {
  it('starts with the call, without a message, and its receipt says when', async () => {
    const engine = await makeEngine([here]);
    const [receipt] = await enqueue(engine, many(1));
    expect(receipt).toMatchObject({ duplicate: false, startedAt: engine.clock.now() });
    await engine.idle();
    expect(await statesOf([receipt!.taskId])).toEqual(['SUCCESS']);
    expect(engine.sent.email).toEqual([]);
  });

  it('goes to its queue if the call says so, has an ETA, or is of more than ten tasks', async () => {
    const engine = await makeEngine([here]);
    const [queued] = await enqueue(engine, [{ definition: here, input: {}, start: 'queue' }]);
    const [later] = await enqueue(engine, [{ definition: here, input: {}, options: { countdown: 60 } }]);
    const bulk = await enqueue(engine, many(11));
    const all = [queued!, later!, ...bulk];
    expect(await statesOf(all.map(({ taskId }) => taskId))).toEqual(all.map(() => 'PENDING'));
    expect(all.every(({ startedAt }) => startedAt === undefined)).toBe(true);
    expect(engine.sent.email.flatMap(({ body }) => body.ids)).toHaveLength(13);
  });

  it('goes to its queue as the member of a workflow, and while the queue is paused', async () => {
    const engine = await makeEngine([here]);
    useEngine(engine);
    const { taskIds } = await group([here.si({}), here.si({})]).enqueue();
    await engine.idle();
    expect(engine.sent.email.flatMap(({ body }) => body.ids)).toEqual(expect.arrayContaining(taskIds.slice(0, 2)));
    await pauseQueue(engine, 'email', 'a test');
    const [receipt] = await enqueue(engine, many(1));
    expect(receipt!.startedAt).toBeUndefined();
    expect(await statesOf([receipt!.taskId])).toEqual(['PENDING']);
    await resumeQueue(engine, 'email');
  });

  it('finds at most as many places as its queue has in an invocation; the others go to the queue', async () => {
    const engine = await makeEngine([here]);
    gate = Promise.withResolvers();
    const first = await enqueue(engine, many(8));
    const others = await enqueue(engine, many(5));
    const started = (receipts: Receipt[]) => receipts.filter(({ startedAt }) => startedAt !== undefined).length;
    expect([started(first), started(others)]).toEqual([8, 2]);
    await vi.waitUntil(() => running === 10);
    gate.resolve();
    await engine.drain();
    const ids = [...first, ...others].map(({ taskId }) => taskId);
    expect(await statesOf(ids)).toEqual(ids.map(() => 'SUCCESS'));
    expect(started(await enqueue(engine, many(1)))).toBe(1);
  });

  it('is taken back by the sweep when its invocation dies, and then runs from its queue', async () => {
    const engine = await makeEngine([here]);
    const stopped = { ...engine, doorbell: { ...engine.doorbell, startHere: async () => {} } };
    const [receipt] = await enqueue(stopped, many(1));
    expect((await rowOf(receipt!.taskId)).state).toBe('STARTED');
    engine.advance(engine.settings.leaseSeconds + 1);
    await sweep(engine);
    await engine.drain();
    expect(await findTask(engine, receipt!.taskId)).toMatchObject({ state: 'SUCCESS', crashes: 1 });
  });
});
