// Which rows are old enough to be deleted, and which are kept.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { deleteExpired, deleteTasks, findPrunable } from '../../../src/engine/store/prune-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'task_keys', 'task_stats'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** Finished before 5,000, in the order of the ids. */
const cutoff = { id: 'g', at: 5000 };

const holdKey = (taskId: string, until: string, expiresAt: number) =>
  env.DB.prepare("INSERT INTO task_keys (key, task_id, input_hash, expires_at, until) VALUES (?, ?, '', ?, ?)")
    .bind(crypto.randomUUID(), taskId, expiresAt, until)
    .run();

describe('a task may be pruned', () => {
  it('when it ended in this state, before the cutoff', async () => {
    const engine = await makeEngine([]);
    const old = await aTask({ state: 'SUCCESS', createdAt: 1, finishedAt: 4999 });
    await aTask({ state: 'SUCCESS', createdAt: 1, finishedAt: 5000 });
    await aTask({ state: 'FAILURE', createdAt: 1, finishedAt: 1 });
    const found = await findPrunable(engine, 'SUCCESS', cutoff, 10);
    expect(found).toEqual([{ id: old.id, inputKey: null, resultKey: null }]);
    expect(await findPrunable(engine, 'SUCCESS', { ...cutoff, id: old.id }, 10)).toEqual([]);
  });

  it('unless it holds a dedupe key for a fixed time that has not passed', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const tasks = [];
    for (let n = 0; n < 3; n++) tasks.push(await aTask({ state: 'SUCCESS', createdAt: 1 }));
    const [held, passed, freed] = tasks.map(({ id }) => id);
    await holdKey(held!, 'forever', now + 1000);
    await holdKey(passed!, 'forever', now - 1000);
    await holdKey(freed!, 'success', now + 1000);
    const found = await findPrunable(engine, 'SUCCESS', cutoff, 10);
    expect(found.map(({ id }) => id).sort()).toEqual([passed, freed].sort());
  });
});

it('an unfinished task is not deleted, also where it is named', async () => {
  const engine = await makeEngine([]);
  const [done, waiting] = [await aTask({ state: 'SUCCESS' }), await aTask()];
  await deleteTasks(engine, [done.id, waiting.id]);
  expect(await statesOf([done.id, waiting.id])).toEqual(['PENDING']);
});

it('dedupe keys and counters are deleted when their time has passed, keys up to the limit', async () => {
  const engine = await makeEngine([]);
  const now = engine.clock.now();
  for (const expiresAt of [now - 2, now - 1, now + 1]) await holdKey(crypto.randomUUID(), 'forever', expiresAt);
  const addMinute = (minute: number) =>
    env.DB.prepare("INSERT INTO task_stats (minute, name, queue) VALUES (?, 'a', 'low')").bind(minute).run();
  await addMinute(60_000);
  await addMinute(120_000);
  const count = (table: string) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n');
  await deleteExpired(engine, 120_000, '', 1);
  expect([await count('task_keys'), await count('task_stats')]).toEqual([2, 1]);
  await deleteExpired(engine, 120_000, '', 10);
  expect(await count('task_keys')).toBe(1);
});
