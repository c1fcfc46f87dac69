import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { createRegistry } from '../../../src/engine/manage.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, anApp, call, finish, problemOf, reply } from '../../support/worker.ts';

interface ScheduleJson {
  name: string;
  task: string;
  cron: string | null;
  every: number | null;
  paused: boolean;
  source: string;
  next_run_at: string | null;
  last_task_id: string | null;
}

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

const name = () => `test-${crypto.randomUUID()}`;
const rule = { task: 'demo.add', input: { a: 1, b: 2 }, cron: '0 9 * * MON', timezone: 'Europe/Berlin' };

describe('a schedule over HTTP', () => {
  it('is made, found, changed, paused, run and deleted', async () => {
    const made = name();
    const response = await call('POST /schedules', { key, json: { name: made, ...rule, jitter_seconds: 5 } });
    expect(response.headers.get('location')).toBe(`/schedules/${made}`);
    const schedule = await reply<ScheduleJson>(201, response);
    expect(schedule).toMatchObject({ name: made, cron: '0 9 * * MON', every: null, paused: false, source: 'api' });
    expect(new Date(schedule.next_run_at ?? 0).getTime()).toBeGreaterThan(Date.now());

    const { items } = await reply<{ items: ScheduleJson[] }>(200, call('GET /schedules', { key }));
    expect(items.map((item) => item.name)).toContain(made);

    const path = `/schedules/${made}`;
    const next = await reply<{ items: string[] }>(200, call(`GET ${path}/next?count=10`, { key }));
    expect(next.items).toHaveLength(10);
    expect(next.items[0]).toBe(schedule.next_run_at);

    const changed = await reply<ScheduleJson>(200, call(`PATCH ${path}`, { key, json: { every: 60 } }));
    expect(changed).toMatchObject({ cron: null, every: 60, task: 'demo.add' });
    const paused = await reply<ScheduleJson>(200, call(`PATCH ${path}`, { key, json: { paused: true } }));
    expect(paused).toMatchObject({ paused: true, next_run_at: null, every: 60 });

    const task = await reply<TaskJson>(202, call(`POST ${path}/run`, { key }));
    expect((await finish(key, task.task_id)).result).toEqual({ sum: 3 });

    expect((await call(`DELETE ${path}`, { key })).status).toBe(204);
    expect((await problemOf(call(`GET ${path}`, { key }))).code).toBe('schedule_not_found');
  });

  it('whose task is unique says so when it runs twice', async () => {
    const once = defineTask({
      name: 'test.once',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 3600 },
      run: () => ({}),
    });
    const { call: request } = await anApp({}, { registry: createRegistry([once]) });
    const made = name();
    await reply(201, request('POST /schedules', { json: { name: made, task: 'test.once', cron: '@yearly' } }));
    const run = () => reply<TaskJson>(202, request(`POST /schedules/${made}/run`));
    const first = await run();
    expect(first).not.toHaveProperty('duplicate');
    const { task_id, created_at: since } = first;
    expect(await run()).toMatchObject({ task_id, duplicate: true, since });
  });

  it.each([
    [{ ...rule, cron: '0 25 * * *' }, 'invalid_schedule', 'cron'],
    [{ ...rule, timezone: 'Europe/Atlantis' }, 'invalid_schedule', 'timezone'],
    [{ ...rule, input: { a: 'one', b: 2 } }, 'invalid_schedule', 'input.a'],
    [{ ...rule, every: 60 }, 'invalid_schedule', 'cron'],
    [{ ...rule, jitter_seconds: -1 }, 'invalid_request', 'jitter_seconds'],
    [{ ...rule, every: 0.5, cron: undefined }, 'invalid_request', 'every'],
    [{ ...rule, hourly: true }, 'invalid_request', ''],
  ])('is refused: %j → %s at "%s"', async (json, code, path) => {
    const problem = await problemOf(call('POST /schedules', { key, json: { name: name(), ...json } }));
    expect(problem).toMatchObject({ status: 422, code });
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it('takes its task as POST /tasks does: name and input in one object', async () => {
    const { task, input, ...times } = rule;
    const json = { name: name(), task: { name: task, input }, ...times };
    expect(await reply(201, call('POST /schedules', { key, json }))).toMatchObject({ task, input });

    const changes = { task: { name: 'demo.echo', input: { value: 1 } } };
    const changed = reply(200, call(`PATCH /schedules/${json.name}`, { key, json: changes }));
    expect(await changed).toMatchObject({ task: 'demo.echo', input: { value: 1 }, cron: rule.cron });
  });

  it.each([
    ['no task', { name: 'demo.add', cron: '@daily' }, 'task', 'The `name` beside `task` is the name of the schedule.'],
    ['a task without a name', { task: { input: {} }, cron: '@daily' }, 'task', 'its name, or { "name": …'],
    ['two inputs', { ...rule, task: { name: 'demo.add', input: { a: 1, b: 1 } } }, 'input', 'Write the input once'],
    ['an unknown field', { ...rule, crontab: '@daily' }, '', 'The fields are name, task, workflow, input, cron, every'],
  ])('with %s is refused with what to write', async (_, json, path, message) => {
    const problem = await problemOf(call('POST /schedules', { key, json: { name: name(), ...json } }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('of an unknown task is refused with the nearest name', async () => {
    const json = { name: name(), task: 'demo.ad', cron: '@daily' };
    const problem = await problemOf(call('POST /schedules', { key, json }));
    expect(problem).toMatchObject({ status: 404, code: 'unknown_task', detail: expect.stringContaining('"demo.add"') });
  });

  it('cannot take a name that is taken, nor one that no path can hold', async () => {
    const json = { name: name(), ...rule };
    await reply(201, call('POST /schedules', { key, json }));
    expect(await problemOf(call('POST /schedules', { key, json }))).toMatchObject({
      status: 409,
      code: 'schedule_exists',
    });
    for (const bad of ['a/b', '.', '..']) {
      const problem = await problemOf(call('POST /schedules', { key, json: { ...json, name: bad } }));
      expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    }
  });
});

describe('POST /tasks with a full queue', () => {
  it('is 429 and says when to come again', async () => {
    const app = await anApp();
    app.engine.settings.maxBacklog = 10;
    const { metrics } = app.engine.queues.default;
    app.engine.queues.default.metrics = async () => ({ ...(await metrics()), backlogCount: 11 });
    const response = await app.call('POST /tasks', { json: { name: 'demo.add', input: { a: 1, b: 1 } } });
    expect(response.headers.get('retry-after')).toBe('10');
    expect(await problemOf(response)).toMatchObject({ status: 429, code: 'backlog_full' });
  });
});

describe('a schedule of a workflow', () => {
  const echo = (value: string) => ({ name: 'demo.echo', input: { value } });
  const workflow = {
    dag: { first: echo('{{scheduled_date}}'), second: { ...echo('end'), after: ['first'] } },
    tags: ['etl'],
  };

  it('is made, shown, run and changed to one of a task', async () => {
    const made = name();
    const path = `/schedules/${made}`;
    const json = { name: made, workflow, cron: '0 9 * * MON' };
    expect(await reply(201, call('POST /schedules', { key, json }))).toMatchObject({
      task: null,
      input: null,
      workflow,
    });
    const task = await reply<TaskJson>(202, call(`POST ${path}/run`, { key }));
    expect((await finish(key, task.task_id)).result).toEqual({ second: { value: 'end' } });
    const { items } = await reply<{ items: { workflow_id: string; tags: string[] }[] }>(
      200,
      call(`GET /workflows?name=${made}`, { key }),
    );
    expect(items).toMatchObject([{ workflow_id: task.workflow_id, tags: ['etl'] }]);
    const { items: tasks } = await reply<{ items: { task_id: string }[] }>(
      200,
      call(`GET /tasks?workflow_id=${task.workflow_id}`, { key }),
    );
    const results = await Promise.all(tasks.map(async ({ task_id }) => (await finish(key, task_id)).result));
    expect(results).toContainEqual({ value: new Date().toISOString().slice(0, 10) });
    const patched = await reply(200, call(`PATCH ${path}`, { key, json: { task: 'demo.add', input: { a: 1, b: 2 } } }));
    expect(patched).toMatchObject({ task: 'demo.add', workflow: null });
    const back = await reply(200, call(`PATCH ${path}`, { key, json: { workflow: { chain: [echo('x')] } } }));
    expect(back).toMatchObject({ task: null, input: null, workflow: { chain: [echo('x')] }, cron: '0 9 * * MON' });
  });

  it.each([
    ['a task beside it', { task: 'demo.echo', workflow }, 'invalid_request', 'workflow'],
    ['an input beside it', { input: {}, workflow }, 'invalid_schedule', 'input'],
    [
      'a cycle',
      { workflow: { dag: { a: { ...echo('x'), after: ['a'] } } } },
      'invalid_request',
      'workflow.dag.a.after.0',
    ],
    ['an unknown task', { workflow: { chain: [{ name: 'demo.ad' }] } }, 'invalid_request', 'workflow.chain.0.name'],
    [
      'an input that does not fit',
      { workflow: { name: 'demo.add', input: { a: 'x', b: 1 } } },
      'invalid_schedule',
      'workflow.input.a',
    ],
    ['a bad name', { workflow: { chain: [echo('x')], name: '' } }, 'invalid_request', 'workflow.name'],
    [
      'a bad handler of errors',
      { workflow: { chain: [echo('x')], on_error: 7 } },
      'invalid_request',
      'workflow.on_error',
    ],
    ['too many characters', { workflow: echo('x'.repeat(50_000)) }, 'invalid_schedule', 'workflow'],
    ['no node', { workflow: {} }, 'invalid_request', 'workflow'],
  ])('with %s is refused with the path', async (_, json, code, path) => {
    const problem = await problemOf(call('POST /schedules', { key, json: { name: name(), cron: '@daily', ...json } }));
    expect(problem).toMatchObject({ status: 422, code, errors: [{ path }] });
  });
});

describe('POST /schedules/{name}/backfill', () => {
  const at = (hoursAgo: number) => new Date(Math.floor(Date.now() / 3_600_000 - hoursAgo) * 3_600_000).toISOString();

  it('counts, fires the missed times once, and shows its progress', async () => {
    const made = name();
    const json = { name: made, task: 'demo.echo', input: { value: '{{scheduled_at}}' }, cron: '0 * * * *' };
    await reply(201, call('POST /schedules', { key, json }));
    const path = `/schedules/${made}/backfill`;
    const range = { from: at(5), to: at(1) };
    const dry = await reply(200, call(`POST ${path}`, { key, json: { ...range, dry_run: true } }));
    expect(dry).toEqual({ count: 5, fired: 0, first_at: at(5), last_at: at(1) });
    const { task_id, count } = await reply<{ task_id: string; count: number }>(
      202,
      call(`POST ${path}`, { key, json: range }),
    );
    expect(count).toBe(5);
    const job = await finish(key, task_id);
    expect(job).toMatchObject({ result: { enqueued: 5, continued_by: null }, progress: { percent: 100, total: 5 } });
    const again = await reply(200, call(`POST ${path}`, { key, json: { ...range, dry_run: true } }));
    expect(again).toEqual({ count: 0, fired: 5, first_at: null, last_at: null });
  });

  it.each([
    ['without an end', { from: at(2) }, 'invalid_request', 'to'],
    ['from no instant', { from: 'yesterday', to: at(1) }, 'invalid_request', 'from'],
    ['with an unknown field', { from: at(2), to: at(1), until: at(1) }, 'invalid_request', ''],
    ['into the future', { from: at(2), to: at(-2) }, 'invalid_backfill', 'to'],
    ['that ends before it begins', { from: at(1), to: at(2) }, 'invalid_backfill', 'from'],
    ['of a time too long ago', { from: '2001-01-01T00:00:00Z', to: at(2) }, 'invalid_backfill', 'from'],
  ])('%s is refused', async (_, json, code, path) => {
    const made = name();
    await reply(201, call('POST /schedules', { key, json: { name: made, ...rule } }));
    const problem = await problemOf(call(`POST /schedules/${made}/backfill`, { key, json }));
    expect(problem).toMatchObject({ status: 422, code, errors: [{ path }] });
  });

  it('of no schedule is 404', async () => {
    const json = { from: at(2), to: at(1) };
    expect(await problemOf(call('POST /schedules/none/backfill', { key, json }))).toMatchObject({
      code: 'schedule_not_found',
    });
  });
});
