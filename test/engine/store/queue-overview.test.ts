// The tasks of each queue in numbers.
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { overviewQueues, pauseQueue, QUEUE_NAMES } from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine } from '../../support/engine.ts';

beforeEach(async () => {
  const tables = ['tasks', 'leases', 'paused_queues', 'task_stats'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

it('an empty queue has no numbers, and every queue is listed', async () => {
  const overview = await overviewQueues(await makeEngine([]));
  expect(overview.map(({ name }) => name)).toEqual(QUEUE_NAMES);
  const empty = { pausedAt: undefined, waiting: 0, running: 0, oldestAt: undefined, throughput: 0 };
  for (const queue of overview) expect(queue).toMatchObject(empty);
});

it('waiting and running tasks are counted, and the first due one is named', async () => {
  const engine = await makeEngine([]);
  const now = engine.clock.now();
  await aTask({ queue: 'low', createdAt: now - 5000, id: '01000000-0000-7000-8000-000000000001' });
  await aTask({ queue: 'low', createdAt: now - 1000, id: '01000000-0000-7000-8000-000000000002' });
  await aTask({ queue: 'low', createdAt: now + 9000, id: '01000000-0000-7000-8000-000000000000' });
  await aTask({ queue: 'low', createdAt: now, state: 'STARTED' });
  await aTask({ queue: 'low', createdAt: now, state: 'SUCCESS' });
  await aTask({ queue: 'high', createdAt: now - 9000 });
  await pauseQueue(engine, 'low', 'ops');
  const low = (await overviewQueues(engine)).find(({ name }) => name === 'low');
  const paused = { pausedAt: engine.clock.now(), pausedBy: 'ops' };
  expect(low).toEqual({ name: 'low', ...paused, waiting: 3, running: 1, oldestAt: now - 5000, throughput: 0 });
});

it('the throughput is a minute’s part of the last five minutes', async () => {
  const engine = await makeEngine([]);
  const minute = engine.clock.now() - (engine.clock.now() % 60_000);
  const add = (at: number, ended: number) =>
    env.DB.prepare("INSERT INTO task_stats (minute, name, queue, succeeded, failed) VALUES (?, 'a', 'low', ?, 1)")
      .bind(at, ended - 1)
      .run();
  await add(minute, 4);
  await add(minute - 60_000, 6);
  await add(minute - 600_000, 100);
  expect((await overviewQueues(engine)).find(({ name }) => name === 'low')?.throughput).toBe(2);
});
