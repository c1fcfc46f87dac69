import { describe, expect, it } from 'vitest';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { aTask } from '../../support/a-task.ts';
import { anAdminKey, call, problemOf, reply } from '../../support/worker.ts';

interface Page {
  items: TaskJson[];
  next_cursor: string | null;
}

const key = await anAdminKey();
const list = (query: string) => reply<Page>(200, call(`GET /tasks?${query}`, { key }));
const idsOf = ({ items }: Page) => items.map(({ task_id }) => task_id);

/** UUIDv7 of an instant. */
const idAt = (epochMilliseconds: number, n: number) => {
  const time = epochMilliseconds.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};

describe('GET /tasks', () => {
  it('lists the newest first, with every field but the payloads', async () => {
    const old = await aTask({ name: 'test.order' });
    const young = await aTask({ name: 'test.order', state: 'FAILURE', tags: ['x'] });

    const page = await list('name=test.order');

    expect(idsOf(page)).toEqual([young.id, old.id]);
    expect(page.items[0]).toMatchObject({ status: 'FAILURE', error: { message: 'failed' }, attempts: 1, tags: ['x'] });
    expect(page.items[0]).not.toHaveProperty('result');
    expect(page.next_cursor).toBeNull();
  });

  it('has a page that is not too small by default', async () => {
    for (let n = 0; n < 60; n++) await aTask({ name: 'test.default' });

    expect((await list('name=test.default')).items).toHaveLength(50);
  });

  it.each([1, 7, 24, 25, 26])('goes through everything in pages of %i without gaps or doubles', async (limit) => {
    const tag = crypto.randomUUID();
    const ids: string[] = [];
    const states = ['PENDING', 'STARTED', 'SUCCESS', 'FAILURE', 'RETRY'] as const;
    const queues = ['high', 'default', 'files'] as const;
    for (let n = 0; n < 25; n++) {
      const task = await aTask({
        tags: [tag],
        state: states[n % 5]!,
        queue: queues[n % 3]!,
        name: `test.pages_${limit}`,
      });
      ids.unshift(task.id);
    }
    for (const filter of [`tag=${tag}`, `name=test.pages_${limit}`]) {
      const seen: string[] = [];
      let pages = 0;
      for (let cursor: string | null = ''; cursor !== null; pages++) {
        const page: Page = await list(`${filter}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        seen.push(...idsOf(page));
        cursor = page.next_cursor;
      }
      expect(seen).toEqual(ids);
      expect(pages).toBe(Math.ceil(25 / limit));
    }
  });

  it('goes through tasks that were made in the same millisecond, and while more are made', async () => {
    const at = Date.UTC(2001, 0, 1);
    const ids = Array.from({ length: 9 }, (_, n) => idAt(at, n));
    for (const id of ids) await aTask({ id, name: 'test.same_time', createdAt: at });

    const first = await list('name=test.same_time&limit=4');
    await aTask({ name: 'test.same_time' });
    const second = await list(`name=test.same_time&limit=4&cursor=${first.next_cursor}`);
    const third = await list(`name=test.same_time&limit=4&cursor=${second.next_cursor}`);

    expect([first, second, third].flatMap(idsOf)).toEqual(ids.reverse());
    expect(third.next_cursor).toBeNull();
  });

  it('filters by status, name, queue and tag, one by one and together', async () => {
    const name = 'test.filters';
    const wanted = await aTask({ name, state: 'FAILURE', queue: 'email', tags: ['blue', 'round'] });
    await aTask({ name, state: 'SUCCESS', queue: 'email', tags: ['blue'] });
    await aTask({ name, state: 'FAILURE', queue: 'low', tags: ['round'] });
    const running = await aTask({ name, state: 'STARTED', queue: 'low' });
    await aTask({ name: 'test.other', state: 'FAILURE', queue: 'email', tags: ['blue', 'round'] });

    expect((await list(`name=${name}`)).items).toHaveLength(4);
    expect((await list(`name=${name}&status=FAILURE`)).items).toHaveLength(2);
    expect((await list(`name=${name}&queue=email`)).items).toHaveLength(2);
    expect((await list(`name=${name}&tag=blue`)).items).toHaveLength(2);
    expect(idsOf(await list(`name=${name}&status=STARTED`))).toEqual([running.id]);
    expect(idsOf(await list(`name=${name}&status=STARTED&queue=low`))).toEqual([running.id]);
    for (const combination of ['status=FAILURE&queue=email', 'status=FAILURE&tag=blue', 'queue=email&tag=round']) {
      expect(idsOf(await list(`name=${name}&${combination}`)), combination).toEqual([wanted.id]);
    }
    expect(idsOf(await list(`name=${name}&status=FAILURE&queue=email&tag=round`))).toEqual([wanted.id]);
    expect((await list(`name=${name}&status=REVOKED`)).items).toEqual([]);
  });

  it('filters by the time of creation: from since, up to but without until', async () => {
    const [one, two, three] = [1, 2, 3].map((day) => Date.UTC(2002, 0, day));
    for (const [n, at] of [one!, two!, three!].entries())
      await aTask({ id: idAt(at, n), name: 'test.times', createdAt: at });
    const found = async (query: string) =>
      (await list(`name=test.times&${query}`)).items.map(({ created_at }) => created_at);

    expect(await found('since=2002-01-02T00:00:00Z')).toEqual(['2002-01-03T00:00:00.000Z', '2002-01-02T00:00:00.000Z']);
    expect(await found('until=2002-01-02T00:00:00Z')).toEqual(['2002-01-01T00:00:00.000Z']);
    expect(await found('since=2002-01-02T00:00:00Z&until=2002-01-03T00:00:00Z')).toEqual(['2002-01-02T00:00:00.000Z']);
    expect(await found('since=2002-01-02T02:00:00%2B02:00')).toHaveLength(2);
    expect(await found('since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z')).toHaveLength(3);
  });

  it('takes a name with quotes and wildcards as a name', async () => {
    expect((await list(`name=${encodeURIComponent("x' OR 1=1 --")}`)).items).toEqual([]);
    expect((await list('tag=%25')).items).toEqual([]);
  });

  it.each(['status=DONE', 'queue=fast', 'since=yesterday', 'limit=0', 'limit=1001', 'limit=many'])(
    'refuses %s, and says which',
    async (query) => {
      const problem = await problemOf(call(`GET /tasks?${query}`, { key }));

      expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
      expect(problem.errors?.[0]?.path).toBe(query.split('=')[0]);
    },
  );

  it('refuses a cursor it did not make', async () => {
    const problem = await problemOf(call('GET /tasks?cursor=next', { key }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_cursor' });
  });
});

describe('a text', () => {
  it('finds tasks by a part of their name and by the beginning of their id, and nothing else', async () => {
    const { task_id } = await reply<TaskJson>(
      202,
      call('POST /tasks', { key, json: { name: 'demo.echo', input: { value: 1 } } }),
    );
    const find = async (text: string, more = '') => {
      const path = `GET /tasks?limit=1000&text=${encodeURIComponent(text)}${more}`;
      return (await reply<{ items: TaskJson[] }>(200, call(path, { key }))).items;
    };
    expect(new Set((await find('mo.ech')).map(({ name }) => name))).toEqual(new Set(['demo.echo']));
    expect((await find(task_id.slice(0, 23))).map((task) => task.task_id)).toContain(task_id);
    expect((await find(task_id)).map((task) => task.task_id)).toEqual([task_id]);
    expect(await find(task_id, '&queue=low')).toEqual([]);
    expect(await find('no such thing')).toEqual([]);
    expect((await find(` echo  ${task_id.slice(-8)} `)).map((task) => task.task_id)).toEqual([task_id]);
  });

  it.each(['a', '%20%20', 'a%20'])('of fewer than two characters is refused: "%s"', async (text) => {
    const problem = await problemOf(call(`GET /tasks?text=${text}`, { key }));
    expect(problem).toMatchObject({ status: 422, errors: [{ path: 'text' }] });
  });
});
