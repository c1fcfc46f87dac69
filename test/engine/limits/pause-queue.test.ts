// Pausing a lane, back-pressure and routes.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { queueOf } from '../../../src/engine/limits/routes.ts';
import {
  enqueue,
  findTask,
  parseRoutes,
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

  it('is rung for by the sweep when the resumption’s rings are lost', async () => {
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

  it('has a name that is known', () => {
    expect(requireQueue('low')).toBe('low');
    expect(() => requireQueue('dead')).toThrow('no queue is named "dead"');
  });

  it('costs the sweep nothing, however much waits in it, and does not keep it from the others', async () => {
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

describe('back-pressure', () => {
  it('refuses what comes from outside while the queue is too full, and no longer', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxBacklog = 100;
    let backlogCount = 101;
    const { metrics } = engine.queues.default;
    engine.queues.default.metrics = async () => ({ ...(await metrics()), backlogCount });
    await expect(enqueue(engine, some(1))).rejects.toMatchObject({ code: 'backlog_full' });
    await expect(enqueue(engine, some(1, { queue: 'low' }))).resolves.toHaveLength(1);
    backlogCount = 100;
    await expect(enqueue(engine, some(1))).rejects.toMatchObject({ code: 'backlog_full' }); // as known a moment ago
    engine.advance(6);
    await expect(enqueue(engine, some(1))).resolves.toHaveLength(1);
  });

  it('accepts when the queue does not say how full it is', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxBacklog = 1;
    engine.queues.default.metrics = async () => {
      throw new Error('internal error');
    };
    await expect(enqueue(engine, some(1))).resolves.toHaveLength(1);
  });
});

describe('routes', () => {
  const named = (name: string) => defineTask({ name, input: z.object({}), output: z.object({}), run: () => ({}) });

  it('choose the lane by name where neither call nor definition does', async () => {
    const engine = await makeEngine([]);
    engine.settings.routes = parseRoutes('report.*=low, *.send=email, a.*.z=files');
    expect(queueOf(engine, named('report.make'))).toBe('low');
    expect(queueOf(engine, named('sms.send'))).toBe('email');
    expect(queueOf(engine, named('a.b.z'))).toBe('files');
    expect(queueOf(engine, named('reports.make'))).toBe('default');
    expect(queueOf(engine, named('report.make'), { priority: 'high' })).toBe('high');
    expect(queueOf(engine, { ...named('report.make'), queue: 'files' })).toBe('files');
  });

  it.each(['report.*', 'report.*=fast', '=low', 'Report=low'])('refuse "%s"', (text) => {
    expect(() => parseRoutes(text)).toThrow('is not a route');
  });
});
