// Pausing a queue: nothing of it starts, and nothing is lost.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  enqueue,
  findTask,
  pauseQueue,
  requireQueue,
  resumeQueue,
  startInBackground,
  sweep,
} from '../../../src/engine/manage.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'paused_queues'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const some = (count: number, options = {}) =>
  Array.from({ length: count }, () => ({ definition: scripted, input: {}, options }));

describe('a paused queue', () => {
  it('starts nothing, loses nothing, and other queues go on', async () => {
    const engine = await makeEngine([scripted]);
    await pauseQueue(engine, 'default');
    const held = await enqueue(engine, some(3));
    const free = await enqueue(engine, some(1, { priority: 'high' }));
    await engine.deliver();
    expect(await statesOf([...held, ...free].map(({ taskId }) => taskId))).toEqual([
      'PENDING',
      'PENDING',
      'PENDING',
      'SUCCESS',
    ]);
    engine.advance(3600);
    await sweep(engine);
    expect(engine.sent.default).toEqual([]);
    await resumeQueue(engine, 'default');
    await engine.deliver();
    expect(new Set(await statesOf(held.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
  });

  it('does not start background tasks either', async () => {
    const engine = await makeEngine([scripted]);
    await pauseQueue(engine, 'default');
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {} });
    await engine.idle();
    expect((await findTask(engine, taskId)).state).toBe('PENDING');
  });

  it('starts again after a sweep when the messages of its resumption are lost', async () => {
    const engine = await makeEngine([scripted]);
    await pauseQueue(engine, 'default');
    const held = await enqueue(engine, some(2));
    await engine.deliver();
    await resumeQueue(engine, 'default');
    await engine.idle();
    engine.sent.default.splice(0);
    engine.advance(3600);
    await sweep(engine);
    await engine.deliver();
    expect(new Set(await statesOf(held.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
  });

  it('must have a known name', () => {
    expect(requireQueue('low')).toBe('low');
    expect(() => requireQueue('dead')).toThrow('no queue is named "dead"');
  });

  it('costs the sweep no reads, however many tasks wait in it, and does not keep it from other queues', async () => {
    const engine = await makeEngine([scripted]);
    for (let portion = 0; portion < 5; portion++) await enqueue(engine, some(1000, { queue: 'low' }));
    await pauseQueue(engine, 'low');
    engine.advance(1);
    await enqueue(engine, some(1));
    await engine.idle();
    engine.sent.default.splice(0);
    engine.sent.low.splice(0);
    engine.advance(600);
    engine.batches.splice(0);
    await sweep(engine);
    expect(engine.sent.default).toHaveLength(1);
    expect(engine.sent.low).toEqual([]);
    const read = engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
    expect(read).toBeLessThan(100);
  });
});
