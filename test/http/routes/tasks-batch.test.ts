import { describe, expect, it } from 'vitest';
import { anAdminKey, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

const key = await anAdminKey();
const later = (value: unknown) => ({ name: 'demo.echo', input: { value }, options: { countdown: 3600 } });

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
    const bad = { ...mail, input: { ...mail.input, to: 'nobody' } };

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
