// How rings become messages: how many, how large, with which delay, and what they say about limits.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ring } from '../../src/engine/doorbell.ts';
import { defineTask } from '../../src/engine/index.ts';
import type { Ring } from '../../src/engine/ring.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const limited = defineTask({
  name: 'test.limited',
  input: z.object({}),
  output: z.object({}),
  rateLimit: '1/s',
  run: () => ({}),
});

const aRing = (more: Partial<Ring> = {}): Ring => ({
  id: crypto.randomUUID(),
  name: 'test.scripted',
  queue: 'default',
  dueAt: 0,
  ...more,
});
const many = (count: number, more: Partial<Ring> = {}) => Array.from({ length: count }, () => aRing(more));

describe('a message', () => {
  it('carries as many ids as its queue allows, in order', async () => {
    const engine = await makeEngine([scripted]);
    const rings = many(600);
    await ring(engine, rings);
    const messages = engine.sent.default.map(({ body }) => body);
    expect(messages.map(({ ids }) => ids.length)).toEqual([250, 250, 100]);
    expect(messages.flatMap(({ ids }) => ids)).toEqual(rings.map(({ id }) => id));
    await ring(engine, many(3, { queue: 'files' }));
    expect(engine.sent.files).toHaveLength(3);
  });

  it('is delayed until its tasks are due, in whole seconds, rounded up', async () => {
    const engine = await makeEngine([scripted]);
    const now = engine.clock.now();
    await ring(
      engine,
      [-5000, 0, 1, 1000, 1001, 12 * 3_600_000].map((ms) => aRing({ dueAt: now + ms })),
    );
    const delays = engine.sent.default.map(({ body, delaySeconds }) => [delaySeconds, body.ids.length]);
    expect(delays).toEqual([
      [0, 2],
      [1, 2],
      [2, 1],
      [43_200, 1],
    ]);
  });

  it('is not sent for a task that is due in more than twelve hours', async () => {
    const engine = await makeEngine([scripted]);
    await ring(engine, [aRing({ dueAt: engine.clock.now() + 12 * 3_600_000 + 1001 })]);
    expect(engine.sent.default).toEqual([]);
  });

  it('has one task only when that may have crashed its isolate', async () => {
    const engine = await makeEngine([scripted]);
    await ring(engine, [...many(2, { alone: true }), ...many(2)]);
    expect(engine.sent.default.map(({ body }) => [body.alone, body.ids.length])).toEqual([
      [true, 1],
      [true, 1],
      [undefined, 2],
    ]);
  });

  it('names the definition when that has limits, and says which tasks go first', async () => {
    const engine = await makeEngine([scripted, limited]);
    const name = 'test.limited';
    await ring(engine, [aRing(), aRing({ name }), aRing({ name, returning: true }), aRing({ returning: true })]);
    expect(engine.sent.default.map(({ body: { ids, ...rest } }) => ({ ...rest, count: ids.length }))).toEqual([
      { count: 2 },
      { count: 1, task: name },
      { count: 1, task: name, returning: true },
    ]);
  });
});

describe('a send', () => {
  it('has at most 100 messages and 256 KB, which the queue of the tests refuses', async () => {
    const engine = await makeEngine([scripted]);
    await ring(engine, [...many(30_000), ...many(250, { queue: 'files' })]);
    expect(engine.sent.default.flatMap(({ body }) => body.ids)).toHaveLength(30_000);
    expect(engine.sent.files).toHaveLength(250);
    expect(engine.complaints).toEqual([]);
  });

  it('that fails is logged, and does not keep other queues from their messages', async () => {
    const engine = await makeEngine([scripted]);
    engine.queues.low.sendBatch = () => Promise.reject(new Error('Queue is overloaded'));
    await ring(engine, [aRing({ queue: 'low' }), aRing({ queue: 'high' })]);
    expect([engine.sent.low.length, engine.sent.high.length]).toEqual([0, 1]);
    expect(engine.complaints).toMatchObject([{ message: 'queue message not sent; the sweep sends it again' }]);
  });
});

describe('the backlog', () => {
  it('has the time of its oldest message', async () => {
    const engine = await makeEngine([scripted]);
    const oldestMessageTimestamp = new Date(1000);
    engine.queues.low.metrics = async () => ({ backlogCount: 3, backlogBytes: 42, oldestMessageTimestamp }) as never;
    expect(await engine.doorbell.backlogOf(engine, 'low')).toEqual({ messages: 3, bytes: 42, oldestAt: 1000 });
  });

  it('is unknown, and logged, when the queue does not answer', async () => {
    const engine = await makeEngine([scripted]);
    engine.queues.low.metrics = () => Promise.reject(new Error('internal error'));
    expect(await engine.doorbell.backlogOf(engine, 'low')).toBeUndefined();
    expect(engine.complaints).toMatchObject([{ message: 'queue metrics failed', fields: { queue: 'low' } }]);
  });
});

describe('a message for a definition with batches', () => {
  const batched = (size: number) =>
    defineTask({
      name: 'test.batched',
      input: z.object({}),
      output: z.object({}),
      batch: { size, waitMs: 3000 },
      runMany: (inputs) => inputs.map(() => ({ result: {} })),
    });
  const sizes = (sent: { body: { ids: string[] }; delaySeconds: number }[]) =>
    sent.map(({ body, delaySeconds }) => [body.ids.length, delaySeconds]);

  it('carries whole batches, also where its queue carries fewer ids, and is delayed only for the rest', async () => {
    const engine = await makeEngine([batched(100)]);
    await ring(engine, many(430, { name: 'test.batched' }));
    expect(sizes(engine.sent.default)).toEqual([
      [200, 0],
      [200, 0],
      [30, 3],
    ]);
    await ring(engine, many(100, { name: 'test.batched', queue: 'email' }));
    expect(sizes(engine.sent.email)).toEqual([[100, 0]]);
    expect(engine.sent.default.every(({ body }) => body.task === 'test.batched')).toBe(true);
  });

  it('adds the wait to the delay of tasks that are due later, and none to those that run alone', async () => {
    const engine = await makeEngine([batched(10)]);
    const dueAt = engine.clock.now() + 60_000;
    await ring(engine, [...many(2, { name: 'test.batched', dueAt }), aRing({ name: 'test.batched', alone: true })]);
    expect(sizes(engine.sent.default)).toEqual([
      [2, 63],
      [1, 0],
    ]);
  });
});
