import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { TaskUpdate } from '../../../src/engine/manage.ts';
import { anAdminKey, anApp, call, finish, problemOf, reply } from '../../support/worker.ts';

interface Whole {
  workflow_id: string;
  status: string;
  progress: { done: number; total: number };
  result: unknown;
  result_task_id: string;
  name: string | null;
  tags: string[];
  tasks: {
    task_id: string;
    name: string;
    node: string | null;
    status: string;
    not_needed: boolean;
    parents: string[];
  }[];
}

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

const create = (json: unknown) => call('POST /workflows', { key, json });
const created = (json: unknown) => reply<{ workflow_id: string; task_ids: string[] }>(202, create(json));
const get = (id: string) => reply<Whole>(200, call(`GET /workflows/${id}`, { key }));
const ended = (id: string) =>
  vi.waitFor(
    async () => {
      const whole = await get(id);
      expect(whole.progress.done).toBe(whole.progress.total);
      return whole;
    },
    { timeout: 15_000, interval: 50 },
  );

const add = (a: number, b: number) => ({ task: 'demo.add', input: { a, b } });
const fail = { task: 'demo.fail', input: { message: 'no luck', permanent: true } };

describe('POST /workflows', () => {
  it('runs a chain whose links feed each other, and shows its progress and graph', async () => {
    const { workflow_id, task_ids } = await created({
      chain: [add(1, 2), { task: 'demo.echo', input: { value: 'end' } }],
    });
    const whole = await ended(workflow_id);
    expect(whole).toMatchObject({ status: 'SUCCESS', progress: { done: 2, total: 2 }, result: { value: 'end' } });
    expect(whole.tasks.map(({ task_id, parents }) => [task_id, parents])).toEqual([
      [task_ids[0], []],
      [task_ids[1], [task_ids[0]]],
    ]);
    const task = await finish(key, task_ids[0]!);
    expect(task).toMatchObject({ workflow_id, parents: [], children: [task_ids[1]] });
    expect((await finish(key, task_ids[1]!)).parents).toEqual([task_ids[0]]);
  });

  it('runs a group, a chord and any nesting of them', async () => {
    const group = await created({ group: [add(1, 1), { chain: [add(2, 2), { ...add(3, 3), immutable: true }] }] });
    expect((await ended(group.workflow_id)).result).toEqual([{ sum: 2 }, { sum: 6 }]);
    const chord = await created({
      chord: { header: [add(1, 1), fail], body: { task: 'canvas.gather' }, on_child_failure: 'continue' },
    });
    expect((await ended(chord.workflow_id)).result).toEqual([
      { sum: 2 },
      { error: expect.objectContaining({ message: 'no luck' }) },
    ]);
  });

  it('marks what follows a failure, and runs on_error', async () => {
    const { workflow_id } = await created({
      chain: [fail, { task: 'demo.echo', input: { value: 1 } }],
      on_error: { task: 'demo.echo', input: { value: 'told' } },
    });
    const whole = await ended(workflow_id);
    expect(whole.status).toBe('FAILURE');
    expect(whole.tasks.map(({ status }) => status)).toEqual(['FAILURE', 'FAILURE', 'SUCCESS']);
    const last = await finish(key, whole.result_task_id);
    expect(last.error?.message).toBe(`Dependency ${whole.tasks[0]!.task_id} raised PermanentFailure: no luck`);
  });

  it('refuses what it cannot run, naming each place, and enqueues nothing', async () => {
    const refused = async (json: unknown) => {
      const problem = await problemOf(create(json));
      expect(problem.status).toBe(422);
      return problem.errors?.map(({ path }) => path);
    };
    expect(await refused({ chain: [add(1, 2), { group: [{ task: 'demo.ad' }, { chain: [] }] }] })).toEqual([
      'workflow.chain.1.group.0.task',
      'workflow.chain.1.group.1',
    ]);
    expect(await refused({ chain: [{ task: 'demo.add', input: { a: 'x', b: 1 } }] })).toEqual([
      'workflow.chain.0.input.a',
    ]);
    expect(await refused({ chain: [{ name: 'demo.ad' }] })).toEqual(['workflow.chain.0.name']);
    expect(await refused({ chain: [], group: [] })).toEqual(['workflow']);
    expect(await refused({ task: 'demo.echo', inputs: {} })).toEqual(['workflow']);
    expect(await refused({ ...add(1, 2), on_error: { task: 'none.such' } })).toEqual(['on_error.task']);
    let deep: unknown = add(1, 2);
    for (let depth = 0; depth < 60; depth++) deep = { chain: [deep] };
    expect(await refused(deep)).toHaveLength(1);
    const many = await problemOf(create({ group: Array.from({ length: 10_002 }, () => add(1, 1)) }));
    expect(many).toMatchObject({ code: 'too_many_tasks', errors: [{ path: 'workflow.group.10001' }] });
    const callback_url = `https://example.com/${'x'.repeat(2000)}`;
    expect(await refused({ ...add(1, 2), callback_url })).toEqual(['callback_url']);
  });
});

describe('a task in POST /workflows', () => {
  it('has a name, as in POST /tasks; `task` says the same', async () => {
    const { workflow_id } = await created({
      chain: [
        { name: 'demo.add', input: { a: 1, b: 2 } },
        { task: 'demo.echo', input: { value: 'end' } },
      ],
    });

    expect((await ended(workflow_id)).tasks.map(({ name }) => name)).toEqual(['demo.add', 'demo.echo']);
  });

  it.each([
    [{ name: 'demo.echo', task: 'demo.echo' }, 'Write `name` or `task`, not both.'],
    [{ name: 'demo.echo', inputs: {} }, 'There is no field "inputs" here. Write `input`.'],
    [{ name: 'demo.echo', delay: 1 }, 'The fields are name, task, input, immutable, options.'],
    [{ chain: [{ name: 'demo.echo' }], input: {} }, 'There is no field "input" here. The fields are chain.'],
    [{}, 'A node has exactly one of name, chain, group, chord and dag'],
    ['demo.echo', 'This must be a node'],
  ])('is refused with the field to write: %j', async (node, message) => {
    const problem = await problemOf(create({ chain: [node] }));

    expect(problem.errors?.[0]).toEqual({ path: 'workflow.chain.0', message: expect.stringContaining(message) });
  });
});

describe('a graph in POST /workflows', () => {
  const echo = (value: string) => ({ name: 'demo.echo', input: { value } });
  const gather = { name: 'canvas.gather_named' };

  it('runs each node after its parents, with their results by name', async () => {
    const { workflow_id, task_ids } = await created({
      dag: {
        load: { ...gather, after: ['extract', 'check'] },
        check: { chain: [echo('first'), echo('second')], after: ['extract'] },
        extract: add(1, 2),
        alert: { ...echo('alarm'), after: ['load'], when: 'one_failed' },
      },
    });
    const whole = await ended(workflow_id);
    expect(whole).toMatchObject({
      status: 'SUCCESS',
      result: { load: { extract: { sum: 3 }, check: { value: 'second' } } },
    });
    expect(whole.tasks.map(({ node, status, not_needed }) => [node, status, not_needed])).toEqual([
      ['extract', 'SUCCESS', false],
      ['check', 'SUCCESS', false],
      ['check', 'SUCCESS', false],
      ['load', 'SUCCESS', false],
      ['alert', 'REVOKED', true],
      [null, 'SUCCESS', false],
    ]);
    expect(whole.tasks[3]?.parents).toEqual([task_ids[0], task_ids[2]]);
    expect(await finish(key, task_ids[4]!)).toMatchObject({ status: 'REVOKED', error: { code: 'not_needed' } });
  });

  it('gives an error in the place of a failed result, and stands in other parts', async () => {
    const { workflow_id } = await created({
      chain: [
        add(1, 1),
        { dag: { bad: { ...fail, immutable: true }, report: { ...gather, after: ['bad'], when: 'all_done' } } },
        { ...echo('end'), immutable: true },
      ],
      on_error: { dag: { tell: echo('failed') } },
    });
    const whole = await ended(workflow_id);
    expect(whole).toMatchObject({ status: 'SUCCESS', result: { value: 'end' } });
    const report = whole.tasks.find(({ node }) => node === 'report');
    const { result } = await finish(key, report?.task_id ?? '');
    expect(result).toEqual({ bad: { error: { code: 'failed', type: 'PermanentFailure', message: 'no luck' } } });
    expect(whole.tasks.find(({ node }) => node === 'tell')).toMatchObject({ status: 'REVOKED', not_needed: true });
  });

  it.each([
    ['of nothing', {}, 'workflow.dag', 'at least one node'],
    ['that is a list', [], 'workflow.dag', 'A graph is an object: the nodes by name.'],
    ['that is null', null, 'workflow.dag', 'A graph is an object: the nodes by name.'],
    ['with an unknown name', { a: { after: ['b'] } }, 'workflow.dag.a.after.0', 'No node of this graph is named "b".'],
    ['with a node after itself', { a: { after: ['a'] } }, 'workflow.dag.a.after.0', 'cannot come after itself'],
    ['with a name twice', { a: {}, b: { after: ['a', 'a'] } }, 'workflow.dag.b.after.1', '"a" is named twice.'],
    ['with a cycle', { a: { after: ['b'] }, b: { after: ['a'] } }, 'workflow.dag.a.after', 'form a cycle: a → b → a'],
    ['with another end', { a: {}, b: { after: ['a'], when: 'ever' } }, 'workflow.dag.b.when', 'Invalid option'],
    ['that waits for nothing', { a: { when: 'one_failed' } }, 'workflow.dag.a.when', 'needs nodes to come after'],
    ['whose parents are no list', { a: {}, b: { after: 'a' } }, 'workflow.dag.b.after', 'expected array'],
    ['whose parents are no names', { a: {}, b: { after: [1] } }, 'workflow.dag.b.after.0', 'expected string'],
    ['with a name that is no name', { 'a b': {} }, 'workflow.dag.a b', 'The name of a node begins with a letter'],
    ['with an unknown task', { a: { name: 'demo.ad' } }, 'workflow.dag.a.name', 'Did you mean "demo.add"'],
    ['with a node of two kinds', { a: { chain: [] } }, 'workflow.dag.a', 'A node has exactly one of'],
    ['with bad input', { a: { input: { value: undefined } } }, 'workflow.dag.a.input.value', 'Invalid input'],
  ])('%s is refused with the path', async (_, nodes, path, message) => {
    const whole = nodes && !Array.isArray(nodes) ? Object.entries(nodes) : undefined;
    const dag = whole ? Object.fromEntries(whole.map(([name, node]) => [name, { ...echo('x'), ...node }])) : nodes;
    const problem = await problemOf(create({ dag }));
    expect(problem.status).toBe(422);
    expect(problem.errors?.[0]).toEqual({ path, message: expect.stringContaining(message) });
  });

  it('is refused for a node that is no object', async () => {
    for (const node of ['demo.echo', null, 7, [echo('x')]]) {
      const problem = await problemOf(create({ dag: { a: node } }));
      expect(problem).toMatchObject({ status: 422, errors: [{ path: 'workflow.dag.a' }] });
    }
  });
});

describe('a workflow that failed', () => {
  it('runs again what failed and what depends on it, and nothing else', async () => {
    const { workflow_id } = await created({ chain: [add(1, 2), fail, { task: 'demo.echo', input: { value: 1 } }] });
    const before = await ended(workflow_id);
    expect(before.tasks.map(({ status }) => status)).toEqual(['SUCCESS', 'FAILURE', 'FAILURE']);
    await reply<Whole>(200, call(`POST /workflows/${workflow_id}/retry`, { key }));
    await ended(workflow_id);
    const attempts = async (index: number) => {
      const { items } = await reply<{ items: unknown[] }>(
        200,
        call(`GET /tasks/${before.tasks[index]!.task_id}/attempts`, { key }),
      );
      return items.length;
    };
    expect([await attempts(0), await attempts(1), await attempts(2)]).toEqual([1, 2, 0]);
  });
});

describe('a workflow under way', () => {
  it('can be revoked whole, once', async () => {
    const slow = { task: 'demo.sleep', input: { seconds: 60, steps: 1 } };
    const { workflow_id } = await created({ chord: { header: [slow, add(1, 1)], body: { task: 'canvas.gather' } } });
    const whole = await reply<Whole>(200, call(`POST /workflows/${workflow_id}/revoke`, { key }));
    expect(whole.status).toBe('REVOKED');
    expect(whole.progress.done).toBe(3);
    expect((await problemOf(call(`POST /workflows/${workflow_id}/revoke`, { key }))).code).toBe('workflow_is_final');
  });
});

describe('GET /workflows', () => {
  it('lists the newest first, page by page', async () => {
    const ids = [];
    for (let n = 0; n < 3; n++) ids.unshift((await created(add(n, n))).workflow_id);
    interface Page {
      items: Whole[];
      next_cursor: string;
    }
    const first = await reply<Page>(200, call('GET /workflows?limit=2', { key }));
    const second = await reply<Page>(200, call(`GET /workflows?limit=1&cursor=${first.next_cursor}`, { key }));
    expect([...first.items, ...second.items].map(({ workflow_id }) => workflow_id)).toEqual(ids);
  });

  it('finds one by a part of its id, and refuses what is no part of an id', async () => {
    const { workflow_id } = await created(add(1, 1));
    for (const text of [workflow_id.slice(0, 20), workflow_id.slice(-8)]) {
      const { items } = await reply<{ items: Whole[] }>(200, call(`GET /workflows?text=${text}`, { key }));
      expect(items.map((item) => item.workflow_id)).toEqual([workflow_id]);
    }
    for (const text of ['abc', 'nothing', "0190'", '%20'])
      expect(await problemOf(call(`GET /workflows?text=${text}`, { key }))).toMatchObject({
        ...{ status: 422, errors: [{ path: 'text' }] },
      });
  });

  it('finds those of a name and with a tag', async () => {
    const parts = { group: [add(1, 1)] };
    const nightly = await created({ ...parts, name: 'nightly', tags: ['etl', 'north'] });
    const daily = await created({ ...parts, name: 'daily', tags: ['etl'] });
    const single = await created({ ...add(1, 1), tags: ['north'] });
    const find = async (query: string) => {
      const { items } = await reply<{ items: Whole[] }>(200, call(`GET /workflows?${query}`, { key }));
      return items.map(({ workflow_id }) => workflow_id);
    };
    expect(await find('name=nightly')).toEqual([nightly.workflow_id]);
    expect(await find('tag=etl')).toEqual([daily.workflow_id, nightly.workflow_id]);
    expect(await find('tag=north&name=nightly')).toEqual([nightly.workflow_id]);
    expect(await find(`tag=north&text=${single.workflow_id.slice(-8)}`)).toEqual([single.workflow_id]);
    expect(await find('tag=none')).toEqual([]);
    expect(await get(nightly.workflow_id)).toMatchObject({ name: 'nightly', tags: ['etl', 'north'] });
    expect(await get(single.workflow_id)).toMatchObject({ name: null, tags: ['north'] });
  });

  it.each([
    [{ group: [add(1, 1)], name: '' }, 'name'],
    [{ group: [add(1, 1)], name: 'x'.repeat(101) }, 'name'],
    [{ group: [add(1, 1)], name: 7 }, 'name'],
    [{ ...add(1, 1), tags: 'etl' }, 'tags'],
    [{ ...add(1, 1), tags: ['x'.repeat(65)] }, 'tags.0'],
    [{ group: [{ group: [add(1, 1)], name: 'inner' }] }, 'workflow.group.0'],
  ])('refuses the name or the tags of %j', async (json, path) => {
    expect(await problemOf(create(json))).toMatchObject({ status: 422, errors: [{ path }] });
  });

  it('answers 404 for one that does not exist, and 409 where nothing failed', async () => {
    const unknown = crypto.randomUUID();
    expect((await problemOf(call(`GET /workflows/${unknown}`, { key }))).code).toBe('workflow_not_found');
    const { workflow_id } = await created(add(1, 1));
    await ended(workflow_id);
    expect((await problemOf(call(`POST /workflows/${workflow_id}/retry`, { key }))).code).toBe('workflow_not_failed');
  });
});

describe('an idempotency key', () => {
  it('gives the same workflow for the same description, and refuses another one', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const json = { group: [add(1, 2), add(3, 4)] };
    const send = (body: object) => call('POST /workflows', { key, json: body, headers });
    const first = await reply<{ workflow_id: string; task_ids: string[] }>(202, send(json));
    const again = await reply<{ workflow_id: string; task_ids: string[] }>(202, send(json));
    const { created_at: since } = await reply<{ created_at: string }>(
      200,
      call(`GET /workflows/${first.workflow_id}`, { key }),
    );
    expect(again).toEqual({ ...first, duplicate: true, since });
    expect(await reply(202, send({ ...json, tags: ['late'] }))).toEqual({ ...again, not_taken: ['tags'] });
    expect(await problemOf(send({ ...json, name: 'another' }))).toMatchObject({ code: 'idempotency_conflict' });
    expect(await problemOf(send({ group: [add(1, 2)] }))).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    const found = await reply<{ items: unknown[] }>(200, call(`GET /tasks?workflow_id=${first.workflow_id}`, { key }));
    expect(found.items).toHaveLength(3);
  });
});

it('publishes the updates of a whole workflow that is revoked or retried, while a client watches', async () => {
  const events: TaskUpdate[] = [];
  const { call: request, engine } = await anApp({}, { publish: async (news) => void events.push(...news) });
  const options = { json: { chain: [add(1, 2), add(3, 4)] } };
  const { workflow_id, task_ids } = await reply<Whole & { task_ids: string[] }>(
    202,
    request('POST /workflows', options),
  );
  const states = () => events.splice(0).map(({ taskId, state }) => [task_ids.indexOf(taskId), state]);
  const watch = (until: number) =>
    env.DB.prepare("INSERT OR REPLACE INTO watchers (name, until) VALUES ('test', ?)").bind(until).run();
  await watch(engine.clock.now() + 60_000);

  await reply(200, request(`POST /workflows/${workflow_id}/revoke`));
  await engine.idle();
  expect(events[0]).toMatchObject({ name: 'demo.add', queue: 'default', workflowId: workflow_id });
  expect(states()).toEqual([
    [0, 'REVOKED'],
    [1, 'REVOKED'],
  ]);
  engine.advance(1);
  await reply(200, request(`POST /workflows/${workflow_id}/retry`));
  await engine.idle();
  expect(states()).toEqual([
    [0, 'PENDING'],
    [1, 'WAITING'],
  ]);
  await watch(0);
  await reply(200, request(`POST /workflows/${workflow_id}/revoke`));
  await engine.idle();
  expect(events).toEqual([]);
});
