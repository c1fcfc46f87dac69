// Which tasks are old enough to be deleted, and which are kept.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { QUEUE_NAMES } from '../../../src/engine/queues.ts';
import { deleteTasks, deleteWorkflows, findPrunable } from '../../../src/engine/store/prune-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, statesOf, type TestEngine } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'task_keys', 'workflows'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** Finished before 5,000, in the order of the ids. */
const cutoff = { id: 'g', at: 5000 };
const range = { state: 'SUCCESS', queue: 'default', after: '' } as const;

const search = (engine: TestEngine, after = '', sizes = { look: 100, limit: 10 }) =>
  findPrunable(engine, { ...range, after }, cutoff, sizes);

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
    expect(await search(engine)).toEqual({ ids: [old.id], next: undefined });
    expect((await findPrunable(engine, range, { ...cutoff, id: old.id }, { look: 100, limit: 10 })).ids).toEqual([]);
  });

  it.each(QUEUE_NAMES)('when its queue is %s', async (queue) => {
    const engine = await makeEngine([]);
    const { id } = await aTask({ queue, state: 'SUCCESS', createdAt: 1 });
    const { ids } = await findPrunable(engine, { ...range, queue }, cutoff, { look: 100, limit: 10 });
    expect(ids).toEqual([id]);
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
    expect((await search(engine)).ids.sort()).toEqual([passed, freed].sort());
  });
});

it('the walk reads each task once, whether it may be pruned or not', async () => {
  const engine = await makeEngine([]);
  const ids = [];
  for (let n = 0; n < 7; n++)
    ids.push((await aTask({ state: 'SUCCESS', createdAt: 1, finishedAt: n % 3 === 2 ? 9000 : 1 })).id);
  ids.sort();
  const seen: string[] = [];
  const steps: (string | undefined)[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { ids: found, next } = await search(engine, after, { look: 3, limit: 2 });
    seen.push(...found);
    steps.push(next);
    after = next;
  }
  expect(seen).toEqual(ids.filter((_, n) => n % 3 !== 2));
  expect(steps).toEqual([ids[1], ids[4], undefined]);
});

describe('deleting', () => {
  it('keeps an unfinished task, and everything of it, also where it is named', async () => {
    const engine = await makeEngine([]);
    const [done, waiting] = [await aTask({ state: 'SUCCESS' }), await aTask({ tags: ['kept'] })];
    await holdKey(waiting.id, 'forever', 1);
    await env.DB.prepare('UPDATE tasks SET input = NULL, input_key = ? WHERE id = ?').bind('payloads/x', done.id).run();
    expect(await deleteTasks(engine, [done.id, waiting.id])).toEqual({ deleted: 1, payloadKeys: ['payloads/x'] });
    expect(await statesOf([done.id, waiting.id])).toEqual(['PENDING']);
    const belongings = await env.DB.prepare(
      'SELECT (SELECT count(*) FROM task_keys WHERE task_id = ?1) + (SELECT count(*) FROM task_tags WHERE task_id = ?1) AS n',
    )
      .bind(waiting.id)
      .first<number>('n');
    expect(belongings).toBe(2);
  });

  it('keeps a workflow that runs again', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask();
    const insert = 'INSERT INTO workflows (id, result_task_id, total, done, created_at) VALUES (?1, ?2, 2, 1, 1)';
    await env.DB.batch([
      env.DB.prepare(insert).bind('w', id),
      env.DB.prepare("INSERT INTO workflow_tasks (workflow_id, task_id) VALUES ('w', ?)").bind(id),
    ]);
    expect(await deleteWorkflows(engine, ['w'])).toEqual({ deleted: 0, payloadKeys: [] });
    expect(await statesOf([id])).toEqual(['PENDING']);
  });
});
