// What the sweep reads and writes about tasks that wait.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { pauseQueue } from '../../../src/engine/manage.ts';
import { delayTasks, findOverdue, findReady, findWaiting, postpone } from '../../../src/engine/store/waiting-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'paused_queues'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const idsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => id);

describe('overdue tasks', () => {
  it('are those whose time to look has passed: the longest overdue first, as many as asked for', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const second = await aTask({ createdAt: now - 1000, queue: 'low' });
    const first = await aTask({ createdAt: now - 2000, queue: 'high', state: 'RETRY' });
    await aTask({ createdAt: now + 1000 });
    await aTask({ createdAt: now - 3000, state: 'SUCCESS' });
    expect(idsOf(await findOverdue(engine, engine.clock.now(), 10))).toEqual([first.id, second.id]);
    expect(idsOf(await findOverdue(engine, engine.clock.now(), 1))).toEqual([first.id]);
  });

  it('are none of a paused queue', async () => {
    const engine = await makeEngine([]);
    const free = await aTask({ createdAt: 1 });
    await aTask({ createdAt: 1, queue: 'low' });
    await pauseQueue(engine, 'low');
    expect(idsOf(await findOverdue(engine, engine.clock.now(), 10))).toEqual([free.id]);
  });
});

describe('a later look', () => {
  it('is written for waiting tasks, and leaves their due time', async () => {
    const engine = await makeEngine([]);
    const [waiting, running] = [await aTask({ createdAt: 1 }), await aTask({ createdAt: 1, state: 'STARTED' })];
    await postpone(engine, [
      { id: waiting.id, wakeAt: 5000, rungAt: 4000 },
      { id: running.id, wakeAt: 5000, rungAt: 4000 },
    ]);
    expect(await rowOf(waiting.id)).toMatchObject({ wake_at: 5000, rung_at: 4000, due_at: 1 });
    expect(await rowOf(running.id)).toMatchObject({ wake_at: 1 });
  });

  it('with a slot moves the due time on, and never back', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask({ createdAt: 1 });
    await delayTasks(engine, [{ id, dueAt: 4000, wakeAt: 5000 }]);
    expect(await rowOf(id)).toMatchObject({ wake_at: 5000, due_at: 4000 });
    await delayTasks(engine, [{ id, dueAt: 3000, wakeAt: 6000 }]);
    expect(await rowOf(id)).toMatchObject({ wake_at: 6000, due_at: 4000 });
  });
});

it('ready tasks are those of the given ones that wait and are due', async () => {
  const engine = await makeEngine([]);
  const ready = await aTask({ createdAt: 1000 });
  const others = [await aTask({ createdAt: 1001 }), await aTask({ createdAt: 1, state: 'SUCCESS' })];
  const found = await findReady(engine, [ready.id, ...idsOf(others), crypto.randomUUID()], 1000);
  expect([...found]).toEqual([ready.id]);
});

it('the waiting tasks of a queue come page by page, in the order of their ids', async () => {
  const engine = await makeEngine([]);
  const ids = [];
  for (let n = 0; n < 5; n++) ids.push((await aTask({ queue: 'low', createdAt: 1 })).id);
  ids.sort();
  await aTask({ queue: 'high', createdAt: 1 });
  await aTask({ queue: 'low', createdAt: engine.clock.now() + 1000 });
  const page = (after: string) => findWaiting(engine, { state: 'PENDING', queue: 'low', after, limit: 3 });
  expect(idsOf(await page(''))).toEqual(ids.slice(0, 3));
  expect(idsOf(await page(ids[2]!))).toEqual(ids.slice(3));
});
