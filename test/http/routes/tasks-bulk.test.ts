import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, anApp, call, finish, problemOf, reply } from '../../support/worker.ts';

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

const enqueueMany = async (count: number, name: string, input: object, options: object) => {
  const tasks = Array.from({ length: count }, () => ({ name, input, options }));
  return (await reply<{ task_ids: string[] }>(202, call('POST /tasks/batch', { key, json: { tasks } }))).task_ids;
};
const byFilter = async (verb: string, filter: object) => {
  const { task_id } = await reply<{ task_id: string }>(202, call(`POST /tasks/${verb}`, { key, json: { filter } }));
  return finish(key, task_id);
};
const count = async (query: string) =>
  (await reply<{ items: TaskJson[] }>(200, call(`GET /tasks?limit=1000&${query}`, { key }))).items.length;

describe('POST /tasks/revoke', () => {
  it('revokes what the filter finds and nothing else, as a task that tells how many', async () => {
    const tag = crypto.randomUUID();
    await enqueueMany(30, 'demo.echo', { value: 1 }, { tags: [tag], countdown: 3600 });
    await enqueueMany(2, 'demo.echo', { value: 1 }, { tags: [`other ${tag}`], countdown: 3600 });
    const job = await byFilter('revoke', { tag, status: 'PENDING' });
    expect(job).toMatchObject({ status: 'SUCCESS', result: { changed: 30, continued_by: null } });
    expect(job.progress).toMatchObject({ message: '30 revoked', current: 30 });
    expect(await count(`tag=${tag}&status=REVOKED`)).toBe(30);
    expect(await count(`tag=other%20${tag}&status=PENDING`)).toBe(2);
    expect((await byFilter('revoke', { tag })).result).toMatchObject({ changed: 0 });
  });
});

describe('POST /tasks/retry', () => {
  it('re-drives what failed: dead letters are tasks in FAILURE', async () => {
    const tag = crypto.randomUUID();
    const ids = await enqueueMany(5, 'demo.fail', { message: 'no luck', permanent: true }, { tags: [tag] });
    for (const id of ids) expect((await finish(key, id)).status).toBe('FAILURE');
    const job = await byFilter('retry', { tag, status: 'FAILURE' });
    expect(job.result).toMatchObject({ changed: 5 });
    for (const id of ids) expect((await finish(key, id)).status).toBe('FAILURE');
    const attempts = await reply<{ items: unknown[] }>(200, call(`GET /tasks/${ids[0]}/attempts`, { key }));
    expect(attempts.items).toHaveLength(2);
  });

  it('runs again what failed in workflows, with what depends on it', async () => {
    const fail = { task: 'demo.fail', input: { message: 'no luck', permanent: true } };
    const chain = { chain: [fail, { task: 'demo.echo', input: { value: 1 } }] };
    const { workflow_id, task_ids } = await reply<{ workflow_id: string; task_ids: string[] }>(
      202,
      call('POST /workflows', { key, json: chain }),
    );
    for (const id of task_ids) await finish(key, id);
    expect(await count(`workflow_id=${workflow_id}`)).toBe(2);
    const json = { filter: { workflow_id, status: 'FAILURE' }, dry_run: true };
    const kinds = [
      { name: 'demo.echo', status: 'FAILURE', count: 1 },
      { name: 'demo.fail', status: 'FAILURE', count: 1 },
    ];
    const asked = await reply<{ count: number; by: object[] }>(200, call('POST /tasks/retry', { key, json }));
    expect(asked).toMatchObject({ count: 2, by: expect.arrayContaining(kinds) });
    expect((await byFilter('retry', { workflow_id, status: 'FAILURE' })).result).toMatchObject({ changed: 2 });
  });
});

describe('a bulk retry', () => {
  /** One task that failed and one that succeeded, under a tag of their own. */
  async function aPair(): Promise<string> {
    const tag = crypto.randomUUID();
    const failed = await enqueueMany(1, 'demo.fail', { message: 'no luck', permanent: true }, { tags: [tag] });
    const fine = await enqueueMany(1, 'demo.echo', { value: 1 }, { tags: [tag] });
    for (const id of [...failed, ...fine]) await finish(key, id);
    return tag;
  }

  it('without a status touches failed tasks only; with `include_succeeded` all final ones', async () => {
    const tag = await aPair();
    expect((await byFilter('retry', { tag })).result).toMatchObject({ changed: 1 });
    const json = { filter: { tag }, include_succeeded: true };
    const { task_id } = await reply<{ task_id: string }>(202, call('POST /tasks/retry', { key, json }));
    const { changed } = (await finish(key, task_id)).result as { changed: number };
    expect(changed).toBeGreaterThanOrEqual(1);
  });

  it('of succeeded tasks says what to write', async () => {
    const json = { filter: { status: 'SUCCESS', tag: await aPair() } };
    const problem = await problemOf(call('POST /tasks/retry', { key, json }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map(({ path }) => path)).toEqual(['include_succeeded']);
  });

  it('can be asked first, and then changes nothing', async () => {
    const tag = await aPair();
    const ask = (verb: string, more: object = {}) =>
      reply(200, call(`POST /tasks/${verb}`, { key, json: { filter: { tag }, dry_run: true, ...more } }));
    const failed = { name: 'demo.fail', status: 'FAILURE', count: 1 };
    expect(await ask('retry')).toEqual({ count: 1, is_complete: true, by: [failed] });
    expect(await ask('retry', { include_succeeded: true })).toMatchObject({ count: 2 });
    expect(await ask('revoke')).toEqual({ count: 0, is_complete: true, by: [] });
    expect(await count(`tag=${tag}&status=FAILURE`)).toBe(1);
  });
});

describe('a filter', () => {
  it.each([
    [{ filter: {} }, 'filter'],
    [{}, 'filter'],
    [{ filter: { status: 'LOST' } }, 'filter.status'],
    [{ filter: { colour: 'red' } }, 'filter'],
    [{ filter: { since: 'yesterday' } }, 'filter.since'],
  ])('is refused: %j', async (json, path) => {
    const problem = await problemOf(call('POST /tasks/revoke', { key, json }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it('that finds more than one task can handle is passed on to a next one', async () => {
    const app = await anApp();
    const { enqueue, findTask, revokeTasks, useEngine } = await import('../../../src/engine/manage.ts');
    const { retryByFilter } = await import('../../../src/tasks/index.ts');
    const { engine } = app;
    const definition = engine.registry.get('demo.echo')!;
    useEngine(engine);
    const options = { countdown: 3600, queue: 'low' as const };
    const input = { value: 1 };
    const receipts = await enqueue(
      engine,
      Array.from({ length: 10_000 }, () => ({ definition, input, options })),
    );
    await revokeTasks(
      engine,
      receipts.map(({ taskId }) => taskId),
    );
    engine.advance(1);
    const filter = { queue: 'low', status: 'REVOKED' };
    let [id] = (await enqueue(engine, [{ definition: retryByFilter, input: { filter } }])).map(({ taskId }) => taskId);
    const counts: number[] = [];
    while (id) {
      engine.sent.low.splice(0);
      await engine.deliver();
      const { result } = await findTask(engine, id);
      const { changed, continued_by } = JSON.parse((result as { json: string }).json) as {
        changed: number;
        continued_by: string | undefined;
      };
      counts.push(changed);
      id = continued_by ?? undefined;
    }
    expect(counts.length).toBeGreaterThan(1);
    expect(counts.at(-1)).toBe(10_000);
  }, 60_000);
});

describe('POST /tasks/{id}/retry', () => {
  it('takes a task past a backlog when it asks for another queue', async () => {
    const json = { name: 'demo.fail', input: { message: 'no luck', permanent: true }, options: { queue: 'low' } };
    const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json }));
    await finish(key, task_id);
    const retried = await reply<TaskJson>(
      200,
      call(`POST /tasks/${task_id}/retry`, { key, json: { priority: 'high' } }),
    );
    expect(retried).toMatchObject({ task_id, queue: 'high' });
    await finish(key, task_id);
    expect((await reply<TaskJson>(200, call(`POST /tasks/${task_id}/retry`, { key }))).queue).toBe('high');
  });
});
