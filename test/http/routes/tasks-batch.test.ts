import { describe, expect, it } from 'vitest';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

const key = await anAdminKey();
const later = (value: unknown) => ({ name: 'demo.echo', input: { value }, options: { countdown: 3600 } });

/** The ids of the tasks that GET /tasks finds, over all pages of `limit`. */
async function list(query: string, limit = 1000): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: { task_id: string }[]; next_cursor: string | null } = await reply(
      200,
      call(`GET /tasks?${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`, { key }),
    );
    found.push(...page.items.map(({ task_id }) => task_id));
    cursor = page.next_cursor;
  }
  return found;
}

describe('GET /tasks?batch_id=', () => {
  interface Made {
    batch_id: string;
    task_ids: string[];
    duplicates: { index: number; task_id: string }[];
  }
  const make = (tasks: unknown[]) => reply<Made>(202, call('POST /tasks/batch', { key, json: { tasks } }));
  const newestFirst = (ids: string[]) => [...new Set(ids)].sort().reverse();

  it('lists the tasks of the batch and no other, newest first, page by page', async () => {
    const [one, other] = await Promise.all([make([1, 2, 3, 4, 5].map(later)), make([later(6)])]);

    expect(await list(`batch_id=${one.batch_id}`, 2)).toEqual(newestFirst(one.task_ids));
    expect(await list(`batch_id=${other.batch_id}`)).toEqual(other.task_ids);
    expect(await list(`batch_id=${crypto.randomUUID()}`)).toEqual([]);
  });

  it('goes together with other filters, also those of the bulk routes', async () => {
    const tag = crypto.randomUUID();
    const tagged = { ...later(1), options: { countdown: 3600, tags: [tag] } };
    const { batch_id, task_ids } = await make([tagged, later(2), tagged]);
    await make([tagged]);

    expect(await list(`batch_id=${batch_id}&tag=${tag}`)).toEqual(newestFirst([task_ids[0]!, task_ids[2]!]));
    const filter = { batch_id, tag };
    const job = await reply<{ task_id: string }>(202, call('POST /tasks/revoke', { key, json: { filter } }));
    expect((await finish(key, job.task_id)).result).toMatchObject({ changed: 2 });
    expect(await list(`batch_id=${batch_id}&status=PENDING`)).toEqual([task_ids[1]]);
  });

  it('lists the earlier task that stands in for a duplicate, once', async () => {
    const idempotency_key = crypto.randomUUID();
    const keyed = { ...later(1), options: { countdown: 3600, idempotency_key } };
    const first = await make([keyed]);
    const { batch_id, task_ids, duplicates } = await make([later(2), keyed, keyed]);

    expect(task_ids.slice(1)).toEqual([first.task_ids[0], first.task_ids[0]]);
    const task_id = first.task_ids[0];
    const { created_at: since } = await reply<TaskJson>(200, call(`GET /tasks/${task_id}`, { key }));
    expect(first.duplicates).toEqual([]);
    expect(duplicates).toEqual([1, 2].map((index) => ({ index, task_id, since })));
    expect(await list(`batch_id=${batch_id}`)).toEqual(newestFirst(task_ids));
  });

  it('says which options of a duplicate its task does not have, and which duplicate replaced it', async () => {
    const idempotency_key = crypto.randomUUID();
    const unique = { key: crypto.randomUUID(), for: 60, on_conflict: 'replace' };
    const taken = { countdown: 3600, idempotency_key };
    await make([
      { ...later(1), options: taken },
      { ...later(2), options: { countdown: 3600, unique } },
    ]);
    const { task_ids, duplicates } = await make([
      { ...later(1), options: { ...taken, tags: ['x'], max_retries: 9, countdown: 7200 } },
      { ...later(3), options: { countdown: 7200, unique } },
    ]);

    expect(duplicates).toEqual([
      { index: 0, task_id: task_ids[0], since: expect.any(String), not_taken: ['countdown', 'max_retries', 'tags'] },
      { index: 1, task_id: task_ids[1], since: expect.any(String), replaced: true },
    ]);
  });

  it('lists all of ten thousand', async () => {
    const { batch_id, task_ids } = await make(Array.from({ length: 10_000 }, () => later(0)));

    expect(await list(`batch_id=${batch_id}`)).toEqual(newestFirst(task_ids));
  });

  it('refuses what is no id', async () => {
    expect((await problemOf(call('GET /tasks?batch_id=1', { key }))).errors?.[0]?.path).toBe('batch_id');
  });
});

describe('POST /tasks/batch', () => {
  const batch = (tasks: unknown) => call('POST /tasks/batch', { key, json: { tasks } });
  const refused = async (tasks: unknown) => {
    const before = await countRows('tasks');
    const problem = await problemOf(batch(tasks));
    expect(await countRows('tasks'), 'nothing enqueued').toBe(before);
    return problem;
  };

  it('enqueues all, in order, and all run', async () => {
    const tasks = Array.from({ length: 300 }, (_, n) => ({ name: 'demo.add', input: { a: n, b: 1 } }));

    const { count, task_ids, batch_id } = await reply<{ batch_id: string; count: number; task_ids: string[] }>(
      202,
      batch(tasks),
    );

    expect(count).toBe(300);
    expect(new Set([...task_ids, batch_id]).size).toBe(301);
    expect((await finish(key, task_ids[0]!)).result).toEqual({ sum: 1 });
    expect((await finish(key, task_ids[299]!)).result).toEqual({ sum: 300 });
  });

  it('takes ten thousand in one call', async () => {
    const before = await countRows('tasks');
    const tasks = Array.from({ length: 10_000 }, () => ({
      name: 'demo.echo',
      input: { value: 0 },
      options: { countdown: 9999 },
    }));

    const { count } = await reply<{ count: number }>(202, batch(tasks));

    expect(count).toBe(10_000);
    expect(await countRows('tasks')).toBe(before + 10_000);
  });

  it('enqueues nothing when one input is bad, and says which', async () => {
    const mail = { name: 'email.send', input: { to: 'a@example.com', subject: 's', text: 't' } };
    const bad = { ...mail, input: { ...mail.input, to: 'no address' } };

    const problem = await refused([mail, mail, mail, bad, mail]);

    expect(problem).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(problem.errors?.map(({ path }) => path)).toEqual(['tasks.3.input.to']);
  });

  it('enqueues nothing when one name is unknown, and says which', async () => {
    const problem = await refused([later(1), { name: 'demo.ecko', input: {} }]);

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.[0]?.path).toBe('tasks.1.name');
    expect(problem.errors?.[0]?.message).toContain('"demo.echo"');
  });

  it('enqueues nothing when one option is bad, and says which', async () => {
    const problem = await refused([later(1), { ...later(2), options: { queue: 'fast' } }]);

    expect(problem.errors?.map(({ path }) => path)).toEqual(['tasks.1.options.queue']);
  });

  it('enqueues nothing when one idempotency key was used with another input', async () => {
    const idempotency_key = crypto.randomUUID();
    await reply(202, batch([{ ...later(1), options: { countdown: 3600, idempotency_key } }]));

    const problem = await refused([later(2), { ...later(3), options: { idempotency_key } }]);

    expect(problem).toMatchObject({ status: 409, code: 'idempotency_conflict' });
  });

  it('refuses more than ten thousand, none, and what is no list', async () => {
    const many = Array.from({ length: 10_001 }, () => ({ name: 'demo.echo' }));

    expect((await refused(many)).errors?.[0]?.path).toBe('tasks');
    expect((await refused([])).errors?.[0]?.path).toBe('tasks');
    expect((await refused('all')).errors?.[0]?.path).toBe('tasks');
  });

  it('lists at most a hundred faults', async () => {
    const problem = await refused(Array.from({ length: 500 }, () => ({ name: 'demo.echo', input: {} })));

    expect(problem.errors?.length).toBe(100);
  });
});
