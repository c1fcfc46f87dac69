import { describe, expect, it } from 'vitest';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, call, countRows, finish, problemOf, reply, run } from '../../support/worker.ts';

const key = await anAdminKey();
const post = (json: unknown, headers: Record<string, string> = {}) => call('POST /tasks', { key, json, headers });
const create = (json: object, headers: Record<string, string> = {}) => reply<TaskJson>(202, post(json, headers));
const later = (value: unknown) => ({ name: 'demo.echo', input: { value }, options: { countdown: 3600 } });

describe('POST /tasks', () => {
  it('takes {} for the input that is not given, so that the task says what it misses', async () => {
    expect(await problemOf(post({ name: 'demo.add' }))).toMatchObject({
      code: 'invalid_input',
      errors: [{ path: 'input.a' }, { path: 'input.b' }],
    });
    await reply<TaskJson>(202, post({ name: 'maintenance.clean_up' }));
  });

  it('accepts a task, says where it is, and the task runs', async () => {
    const response = await post({ name: 'demo.add', input: { a: 2, b: 40 } });
    const location = response.headers.get('location');
    const accepted = await reply<TaskJson>(202, response);

    expect(location).toBe(`/tasks/${accepted.task_id}`);
    expect(accepted).toMatchObject({ name: 'demo.add', queue: 'default', input: { a: 2, b: 40 }, result: null });
    const task = await finish(key, accepted.task_id);
    expect(task).toMatchObject({ status: 'SUCCESS', result: { sum: 42 }, attempts: 1, error: null });
  });

  it('keeps every option', async () => {
    const eta = new Date(Date.now() + 3_600_000).toISOString();
    const expires = new Date(Date.now() + 7_200_000).toISOString();
    const options = { queue: 'low', eta, expires, max_retries: 9, tags: ['a', 'b'] };

    const task = await create({ name: 'demo.echo', input: { value: 1 }, options });

    expect(task).toMatchObject({ status: 'PENDING', queue: 'low', eta, expires, max_retries: 9, tags: ['a', 'b'] });
  });

  it('takes priority as the choice of a queue', async () => {
    const task = await create({ name: 'demo.echo', input: { value: 1 }, options: { priority: 'high' } });

    expect(task.queue).toBe('high');
  });

  it('starts in this very invocation when asked to', async () => {
    const accepted = await create({ name: 'demo.add', input: { a: 1, b: 1 }, options: { background: true } });
    const { version } = await reply<TaskJson>(200, call(`GET /tasks/${accepted.task_id}`, { key }));
    expect(accepted).toMatchObject({ status: 'STARTED', attempts: 1, version });

    expect(await finish(key, accepted.task_id)).toMatchObject({ status: 'SUCCESS', result: { sum: 2 } });
  });

  it.each(['', '{', '[1,', 'undefined', '{"name": "demo.echo",}'])(
    'answers 400 to the malformed JSON %j',
    async (body) => {
      const response = call('POST /tasks', { key, body, headers: { 'content-type': 'application/json' } });

      expect(await problemOf(response)).toMatchObject({ status: 400, code: 'invalid_json' });
    },
  );

  it('names the nearest names when it does not know the task', async () => {
    const problem = await problemOf(post({ name: 'demo.ecko', input: {} }));

    expect(problem).toMatchObject({ status: 404, code: 'unknown_task' });
    expect(problem.detail).toContain('"demo.ecko"');
    expect(problem.detail).toContain('"demo.echo"');
  });

  it('says to write name where task was written', async () => {
    const problem = await problemOf(post({ task: 'demo.echo', args: [1] }));

    expect(problem.errors).toContainEqual({ path: '', message: expect.stringContaining('Write `name`, not `task`.') });
  });

  it('suggests nothing where nothing is near', async () => {
    const problem = await problemOf(post({ name: 'quite.another_thing_altogether_xyzzy', input: {} }));

    expect(problem.detail).not.toMatch(/did you mean/i);
  });

  it('names the path of each part of the input that does not fit', async () => {
    const problem = await problemOf(post({ name: 'email.send', input: { to: 'no address', subject: 7 } }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(['input.subject', 'input.to']);
  });

  it.each([
    ['queue', { queue: 'fast' }],
    ['priority', { priority: 'urgent' }],
    ['countdown', { countdown: -1 }],
    ['eta', { eta: 'tomorrow' }],
    ['expires', { expires: 'never' }],
    ['idempotency_key', { idempotency_key: '' }],
    ['idempotency_key', { idempotency_key: 'x'.repeat(256) }],
    ['unique_for', { unique_for: 0 }],
    ['max_retries', { max_retries: 1.5 }],
    ['max_retries', { max_retries: 101 }],
    ['tags', { tags: 'one' }],
    ['tags.0', { tags: [''] }],
    ['', { retries: 3 }],
  ])('refuses the option %s with its path: %j', async (option, options) => {
    const problem = await problemOf(post({ name: 'demo.echo', input: { value: 1 }, options }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map(({ path }) => path)).toContain(option === '' ? 'options' : `options.${option}`);
  });

  it('refuses what is not asked for at all', async () => {
    expect((await problemOf(post({ name: 'demo.echo', inputs: {} }))).status).toBe(422);
    expect((await problemOf(post(['demo.echo']))).status).toBe(422);
    expect((await problemOf(post({}))).errors?.[0]?.path).toBe('name');
  });

  it('refuses an input of more than 25 MB as too large', async () => {
    const problem = await problemOf(post({ name: 'demo.echo', input: { value: 'x'.repeat(25_100_000) } }));

    expect(problem).toMatchObject({ status: 413, code: 'input_too_large' });
  });

  it('keeps a large input and a large result beside the row and serves both', async () => {
    const value = 'é'.repeat(700_000);
    const task = await run(key, 'demo.echo', { value });

    expect(task).toMatchObject({ status: 'SUCCESS', input: null, result: null });
    expect(task.input_url).toBe(`/tasks/${task.task_id}/input`);
    expect(task.result_url).toBe(`/tasks/${task.task_id}/result`);
    expect(await reply(200, call(`GET ${task.input_url}`, { key }))).toEqual({ value });
    expect(await reply(200, call(`GET ${task.result_url}`, { key }))).toEqual({ value });
  });

  it('shows a result that is not in the row but not large either in its place', async () => {
    const task = await run(key, 'demo.big', { bytes: 100_000 });

    expect(task.result).toEqual({ data: 'x'.repeat(100_000) });
    expect(task.result_url).toBeUndefined();
  });
});

describe('an idempotency key', () => {
  it('gives the same task for the same input, by header or by option', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const options = { ...later(1).options, idempotency_key: headers['idempotency-key'] };

    const first = await create(later(1), headers);
    const second = await create(later(1), headers);
    const third = await create({ ...later(1), options });

    expect(first.duplicate).toBeUndefined();
    expect(first).not.toHaveProperty('since');
    expect(second).toMatchObject({ task_id: first.task_id, duplicate: true, since: first.created_at });
    expect(third).toMatchObject({ task_id: first.task_id, duplicate: true });
  });

  it('counts the same input in another order of its fields as the same', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };

    const first = await create(later({ a: 1, b: { c: 2, d: 3 } }), headers);
    const second = await create(later({ b: { d: 3, c: 2 }, a: 1 }), headers);

    expect(second.task_id).toBe(first.task_id);
  });

  it('answers 409 to another input, or to another task, and names the task that holds it', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const { task_id } = await create(later(1), headers);
    const before = await countRows('tasks');

    const otherInput = await problemOf(post(later(2), headers));
    const otherTask = await problemOf(post({ name: 'demo.log', input: { lines: 0 } }, headers));

    expect(otherInput).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(otherInput.detail).toContain(task_id);
    expect(otherTask).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(await countRows('tasks')).toBe(before);
  });

  it('gives one task however many callers use it at once', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const before = await countRows('tasks');

    const tasks = await Promise.all(Array.from({ length: 12 }, () => create(later('at once'), headers)));

    expect(new Set(tasks.map(({ task_id }) => task_id)).size).toBe(1);
    expect(tasks.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await countRows('tasks')).toBe(before + 1);
  });

  it('that is too long is refused', async () => {
    const problem = await problemOf(post(later(1), { 'idempotency-key': 'x'.repeat(256) }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
  });

  it('unique_for gives one task for the same input without any key', async () => {
    const json = { ...later(crypto.randomUUID()), options: { countdown: 3600, unique_for: 60 } };

    const first = await create(json);
    const second = await create(json);

    expect(second).toMatchObject({ task_id: first.task_id, duplicate: true });
  });
});
