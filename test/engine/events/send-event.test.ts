// Events from outside: stored once, matched once, and tasks that start on them.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, sendEvent } from '../../../src/engine/manage.ts';
import { pruneEvents } from '../../../src/engine/store/events.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { runSteps, stepped } from '../../support/stepped.ts';

beforeEach(async () => {
  await env.DB.batch(
    ['events', 'tasks', 'task_keys', 'task_steps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

const ship = defineTask({
  name: 'test.ship',
  input: z.object({ order: z.string() }),
  output: z.null(),
  on: ['order.paid'],
  run: () => null,
});

describe('an event', () => {
  it('wakes all who wait in one call, whose work is linear', async () => {
    let type = '';
    const definition = stepped(({ step }) => step.waitForEvent('go', { type }).then(() => null));
    const engine = await makeEngine([definition]);
    const wakeAll = async (count: number) => {
      type = `go.to_${count}`;
      const receipts = await enqueue(
        engine,
        Array.from({ length: count }, () => ({ definition, input: null })),
      );
      for (let round = 0; round < 5; round++) await engine.deliver();
      // The ids of the tasks have the time of the real clock.
      engine.advance(600);
      engine.batches.splice(0);
      const { woken } = await sendEvent(engine, { type });
      const rows = engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read + meta.rows_written, 0);
      await engine.drain();
      expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
      return { woken, rows: rows / count, batches: engine.batches.length };
    };
    const few = await wakeAll(50);
    const many = await wakeAll(500);
    expect([few.woken, many.woken]).toEqual([50, 500]);
    expect(many.rows).toBeLessThan(few.rows * 1.2);
  }, 60_000);

  it('that ends no wait is kept as long as is set, and then deleted', async () => {
    const engine = await makeEngine([]);
    const { woken } = await sendEvent(engine, { type: 'lonely', payload: 'x'.repeat(100_000) });
    expect(woken).toBe(0);
    const expiry = engine.clock.now() + engine.settings.eventSeconds * 1000;
    expect(await pruneEvents(engine, expiry - 1, 10)).toEqual([]);
    expect(await pruneEvents(engine, expiry, 10)).toEqual([expect.stringMatching(/^payloads\/.*\/event\.json$/)]);
  });

  it('that a step has taken is kept as long as the step', async () => {
    const { engine } = await runSteps(({ step }) => step.waitForEvent('go', { type: 'go' }).then(() => null));
    engine.advance(1);
    await sendEvent(engine, { type: 'go' });
    expect(await pruneEvents(engine, Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    await env.DB.prepare('DELETE FROM task_steps').run();
    expect(await pruneEvents(engine, Number.MAX_SAFE_INTEGER, 10)).toEqual([null]);
  });

  it('with an id that was sent before is the same event; another event may not use it', async () => {
    const engine = await makeEngine([]);
    const event = { type: 'order.paid', key: '1', payload: { a: 1 }, id: 'evt_1' };
    const first = await sendEvent(engine, event);
    engine.advance(10);
    expect(await sendEvent(engine, event)).toMatchObject({ duplicate: true, at: first.at, woken: 0 });
    for (const other of [{ payload: { a: 2 } }, { key: '2' }, { type: 'order.sent' }])
      await expect(sendEvent(engine, { ...event, ...other })).rejects.toMatchObject({ code: 'event_conflict' });
    expect(await env.DB.prepare('SELECT count(*) AS n FROM events').first('n')).toBe(1);
  });

  it('starts one task of each definition that starts on it, once', async () => {
    const engine = await makeEngine([ship]);
    const event = { type: 'order.paid', payload: { order: '7' }, id: 'evt_2' };
    const { taskIds } = await sendEvent(engine, event);
    expect(await sendEvent(engine, event)).toMatchObject({ taskIds, duplicate: true });
    await engine.deliver();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS']);
    expect((await rowOf(taskIds[0]!)).input).toBe('{"order":"7"}');
    expect(await env.DB.prepare('SELECT count(*) AS n FROM tasks').first('n')).toBe(1);
  });

  it('whose payload such a definition does not take is refused, and not stored', async () => {
    const engine = await makeEngine([ship]);
    await expect(sendEvent(engine, { type: 'order.paid', payload: { order: 7 } })).rejects.toMatchObject({
      code: 'invalid_event',
      issues: [{ path: 'payload.order', message: expect.stringContaining('test.ship') }],
    });
    expect(await env.DB.prepare('SELECT count(*) AS n FROM events').first('n')).toBe(0);
  });

  it.each([
    [{ type: 'Order Paid' }, 'type'],
    [{ type: '' }, 'type'],
    [{ type: `a${'b'.repeat(256)}` }, 'type'],
    [{ type: 'a', key: '' }, 'key'],
    [{ type: 'a', id: 'x'.repeat(300) }, 'id'],
    [{ type: 'a', payload: 1n }, 'payload'],
  ])('%o is refused with the field %s', async (event, path) => {
    await expect(sendEvent(await makeEngine([]), event)).rejects.toMatchObject({
      code: 'invalid_event',
      issues: [{ path }],
    });
  });
});
