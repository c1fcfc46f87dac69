// Tasks without a wake-up, and how they get one.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { enqueue, pauseQueue, resumeQueue, sweep } from '../../../src/engine/manage.ts';
import { firstId } from '../../../src/engine/store/ids.ts';
import { findUnmarked, setWakes } from '../../../src/engine/store/wake-marks.ts';
import { aTask } from '../../support/a-task.ts';
import { enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const LAST = 'ffffffff';
const all = { queue: 'default', upTo: LAST, oldest: undefined } as const;
const times = { graceMs: 5, later: 77 };

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'paused_queues'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const engineWithTasks = async (count: number, options = {}) => {
  const engine = await makeEngine([scripted]);
  const requests = Array.from({ length: count }, () => ({ definition: scripted, input: { do: ['succeed'] }, options }));
  const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
  await engine.idle();
  engine.sent.default.splice(0);
  return { engine, ids, id: ids[0] ?? '' };
};

describe('a task', () => {
  it('that is due when it is enqueued has no wake-up, and is not in the index', async () => {
    const { id } = await engineWithTasks(1);
    expect(await rowOf(id)).toMatchObject({ state: 'PENDING', wake_at: 0 });
  });

  it('that is due later has one', async () => {
    const { id, engine } = await engineWithTasks(1, { countdown: 5 });
    const { ringGraceSeconds } = engine.settings;
    expect(await rowOf(id)).toMatchObject({ wake_at: engine.clock.now() + (5 + ringGraceSeconds) * 1000 });
  });

  it('goes by the mark of its own queue, whatever the queue of the first task of the call', async () => {
    const engine = await makeEngine([scripted]);
    await env.DB.prepare('INSERT INTO wake_marks (queue, up_to) VALUES (?, ?)').bind('low', LAST).run();
    const queues = ['default', 'low', 'default', 'high'] as const;
    const requests = queues.map((queue) => ({ definition: scripted, input: { do: ['succeed'] }, options: { queue } }));
    const receipts = await enqueue(engine, requests);
    const rows = await Promise.all(receipts.map(({ taskId }) => rowOf(taskId)));
    expect(rows.map(({ queue, wake_at }) => [queue, wake_at !== 0])).toEqual(
      queues.map((queue) => [queue, queue === 'low']),
    );
  });

  it('that is enqueued below the mark has one', async () => {
    const engine = await makeEngine([scripted]);
    await env.DB.prepare('INSERT INTO wake_marks (queue, up_to) VALUES (?, ?)').bind('default', LAST).run();
    expect((await rowOf(await enqueueOne(engine))).wake_at).toBeGreaterThan(engine.clock.now());
  });
});

describe('the tasks above the mark', () => {
  it('get a wake-up after the grace, later if their message may still be in the queue; the mark moves there', async () => {
    const { engine, ids } = await engineWithTasks(4);
    const [first, second, third, fourth] = ids as [string, string, string, string];
    await env.DB.prepare("UPDATE tasks SET queue = 'low' WHERE id = ?").bind(first).run();
    await env.DB.prepare('UPDATE tasks SET wake_at = 9 WHERE id = ?').bind(second).run();
    const now = engine.clock.now();
    const wakesOf = async () => Promise.all(ids.map(async (id) => (await rowOf(id)).wake_at));
    expect(await findUnmarked(engine, LAST, 2)).toEqual([
      { queue: 'default', count: 2, lastId: third },
      { queue: 'low', count: 1, lastId: first },
    ]);
    await setWakes(
      engine,
      [
        { queue: 'low', upTo: LAST, oldest: now - 1 },
        { ...all, upTo: third, oldest: now + 1 },
      ],
      times,
    );
    expect(await wakesOf()).toEqual([77, 9, now + 5, 0]);
    expect(await findUnmarked(engine, LAST, 2)).toEqual([{ queue: 'default', count: 1, lastId: fourth }]);
    await setWakes(engine, [all], times);
    expect(await wakesOf()).toEqual([77, 9, now + 5, now + 5]);
    expect(await findUnmarked(engine, LAST, 2)).toEqual([]);
  });

  it('get one too if they were inserted between the look and the writing', async () => {
    const { engine } = await engineWithTasks(1);
    const [found] = await findUnmarked(engine, LAST, 10);
    const late = await enqueueOne(engine);
    await setWakes(engine, [all], times);
    expect(found?.count).toBe(1);
    expect((await rowOf(late)).wake_at).toBeGreaterThan(0);
  });

  it('keep the mark where it is when it would go back', async () => {
    const { engine, id } = await engineWithTasks(1);
    await setWakes(engine, [all], times);
    await setWakes(engine, [{ ...all, upTo: id }], times);
    expect(await env.DB.prepare('SELECT up_to FROM wake_marks').first('up_to')).toBe(LAST);
  });

  it('are looked at by one sweep only: tasks that are due later cost the next one no rows', async () => {
    const { engine } = await engineWithTasks(500, { countdown: 3600 });
    engine.advance(60);
    await sweep(engine);
    engine.advance(60);
    engine.batches.splice(0);
    await sweep(engine);
    expect(engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0)).toBeLessThan(30);
  });
});

describe('a lost message is sent again', () => {
  it('for a task of a paused queue when the queue is resumed, and by the sweep if that message is lost, too', async () => {
    const { engine, ids } = await engineWithTasks(3);
    await pauseQueue(engine, 'default');
    engine.advance(60);
    await sweep(engine);
    expect(engine.sent.default).toEqual([]);
    await resumeQueue(engine, 'default');
    await engine.idle();
    expect(engine.sent.default.splice(0).flatMap(({ body }) => body.ids)).toEqual(ids);
    await sweep(engine);
    expect(engine.sent.default.flatMap(({ body }) => body.ids)).toEqual(ids);
  });

  it('for a task that the version before this one has enqueued, or left behind', async () => {
    const engine = await makeEngine([scripted]);
    const before = await aTask({ createdAt: engine.clock.now() });
    await env.DB.prepare('INSERT INTO wake_marks (queue, up_to) VALUES (?, ?)').bind('default', before.id).run();
    const later = await aTask({ id: firstId(Date.now() + 5), createdAt: engine.clock.now() });
    engine.advance(60);
    await sweep(engine);
    expect(engine.sent.default.flatMap(({ body }) => body.ids)).toEqual([before.id, later.id]);
  });

  it('also with the index of the version before this one', async () => {
    const wake = await env.DB.prepare("SELECT sql FROM sqlite_master WHERE name = 'tasks_wake'").first<string>('sql');
    await env.DB.exec('DROP INDEX tasks_wake');
    await env.DB.exec("CREATE INDEX tasks_wake ON tasks (queue, wake_at) WHERE state IN ('PENDING', 'RETRY')");
    const { engine, ids } = await engineWithTasks(3);
    engine.advance(60);
    await sweep(engine);
    expect(engine.sent.default.flatMap(({ body }) => body.ids)).toEqual(ids);
    await env.DB.exec('DROP INDEX tasks_wake');
    await env.DB.prepare(wake ?? '').run();
  });
});
