// Pages of tasks: each filter alone and with others, and the way from page to page.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, listTasks, type TaskFilter, useEngine } from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';

const mail = defineTask({ name: 'mail.send', input: z.object({}), output: z.object({}), run: () => ({}) });
const page = { limit: 10, before: undefined };
const idsOf = async (engine: TestEngine, filter: TaskFilter) =>
  (await listTasks(engine, filter, page)).map(({ id }) => id);

describe('a list', () => {
  it('by tag and text has the tasks that match both', async () => {
    const engine = await makeEngine([mail]);
    const tag = crypto.randomUUID();
    const [both, other] = await enqueue(engine, [
      { definition: mail, input: {}, options: { tags: [tag] } },
      { definition: mail, input: {} },
    ]);
    await aTask({ name: 'test.other', tags: [tag] });
    expect(await idsOf(engine, { tag, text: 'SEND' })).toEqual([both!.taskId]);
    expect(await idsOf(engine, { tag, text: both!.taskId })).toEqual([both!.taskId]);
    expect(await idsOf(engine, { tag, text: other!.taskId })).toEqual([]);
    expect(await idsOf(engine, { tag, text: 'mail', state: 'SUCCESS' })).toEqual([]);
  });

  it('by workflow and text has the members that match', async () => {
    const engine = await makeEngine([mail]);
    useEngine(engine);
    const { workflowId, taskIds } = await mail.s({}).enqueue();
    expect(await idsOf(engine, { workflowId, text: 'mail' })).toEqual(taskIds);
    expect(await idsOf(engine, { workflowId, text: taskIds[0]!, state: 'FAILURE' })).toEqual([]);
  });

  it('by a text that names no definition and begins no id is empty', async () => {
    const engine = await makeEngine([mail]);
    expect(await idsOf(engine, { text: 'no such text' })).toEqual([]);
  });

  it('by several words has the tasks that match all of them', async () => {
    const welcome = { ...mail, name: 'mail.welcome' };
    const engine = await makeEngine([mail, welcome]);
    const tag = crypto.randomUUID();
    const [sent, welcomed] = await enqueue(engine, [
      { definition: mail, input: {}, options: { tags: [tag] } },
      { definition: welcome, input: {}, options: { tags: [tag] } },
    ]);
    const [one, other] = [sent!.taskId, welcomed!.taskId];
    expect(await idsOf(engine, { tag, text: 'mail' })).toEqual([one, other].sort().reverse());
    expect(await idsOf(engine, { text: `mail welcome ${other.slice(-8)}` })).toEqual([other]);
    expect(await idsOf(engine, { text: `send ${other.slice(-8)}` })).toEqual([]);
    expect(await idsOf(engine, { text: `${other.slice(0, 13)} ${other.slice(-8)}` })).toEqual([other]);
    expect(await idsOf(engine, { tag, text: 'mail nothing' })).toEqual([]);
  });

  it('by a text has the tasks of every name with it, however many there are', async () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ ...mail, name: `bulk.name_${String(n).padStart(2, '0')}` }));
    const engine = await makeEngine(many);
    const tag = crypto.randomUUID();
    await enqueue(
      engine,
      many.map((definition) => ({ definition, input: {}, options: { tags: [tag] } })),
    );
    for (const [text, filter, found] of [
      ['name_', {}, 60],
      ['name_', { tag }, 60],
      ['name_', { state: 'PENDING' }, 60],
      ['name_1', {}, 10],
    ] as const) {
      const tasks = await listTasks(engine, { ...filter, text }, { limit: 100, before: undefined });
      expect(new Set(tasks.map(({ name }) => name)).size, `${text} ${JSON.stringify(filter)}`).toBe(found);
    }
  });

  it.each([8, 12])('by the last %i digits of an id has the task, with every other filter', async (digits) => {
    const engine = await makeEngine([mail]);
    const tag = crypto.randomUUID();
    const [task] = await enqueue(engine, [{ definition: mail, input: {}, options: { tags: [tag] } }]);
    const text = task!.taskId.slice(-digits);
    for (const filter of [{}, { tag }, { state: 'PENDING' }, { queue: 'default' }, { name: 'mail.send' }] as const)
      expect(await idsOf(engine, { ...filter, text }), JSON.stringify(filter)).toEqual([task!.taskId]);
    expect(await idsOf(engine, { text: text.toUpperCase() })).toEqual([task!.taskId]);
    expect(await idsOf(engine, { state: 'FAILURE', text })).toEqual([]);
    expect(await idsOf(engine, { text: task!.taskId.slice(-7) })).toEqual([]);
  });

  it('by the end of an id looks at the newest 20,000 tasks only', async () => {
    const engine = await makeEngine([]);
    const old = await aTask({ id: '00000000-0000-7000-8000-0000feedbee1', name: 'test.old' });
    expect(await idsOf(engine, { text: 'feedbee1' })).toEqual([old.id]);
    await env.DB.prepare(
      `INSERT INTO tasks (id, name, queue, state, max_retries, created_at, due_at, wake_at)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       SELECT printf('0001%04x-0000-7000-8000-000000000000', i), 'test.new', 'low', 'PENDING', 0, 0, 0, 0 FROM n`,
    ).run();
    expect(await idsOf(engine, { text: 'feedbee1' })).toEqual([]);
    expect(await idsOf(engine, { text: old.id })).toEqual([old.id]);
  });

  it('by state and queue has the tasks of every state, running ones too', async () => {
    const engine = await makeEngine([]);
    const name = `test.${crypto.randomUUID()}`;
    const ids: Record<string, string> = {};
    for (const state of ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const)
      ids[state] = (await aTask({ name, state, queue: 'files' })).id;
    for (const [state, id] of Object.entries(ids))
      expect(await idsOf(engine, { name, state: state as 'PENDING', queue: 'files' }), state).toEqual([id]);
    expect(await idsOf(engine, { name, queue: 'files' })).toEqual(Object.values(ids).sort().reverse());
    expect(await idsOf(engine, { name, queue: 'email' })).toEqual([]);
  });

  it('goes from page to page, newest first, with no task twice or left out', async () => {
    const engine = await makeEngine([]);
    const name = `test.${crypto.randomUUID()}`;
    const all = [];
    for (let n = 0; n < 7; n++) all.push((await aTask({ name, queue: n % 2 ? 'low' : 'high' })).id);
    const seen: string[] = [];
    for (let before: string | undefined; seen.length < 7; before = seen.at(-1)) {
      const tasks = await listTasks(engine, { name, state: 'PENDING' }, { limit: 3, before });
      if (tasks.length === 0) break;
      seen.push(...tasks.map(({ id }) => id));
    }
    expect(seen).toEqual(all.sort().reverse());
  });

  it('has only the tasks that were created in its span', async () => {
    const engine = await makeEngine([]);
    const name = `test.${crypto.randomUUID()}`;
    const { id } = await aTask({ name });
    const now = Date.now();
    expect(await idsOf(engine, { name, since: now - 60_000, until: now + 60_000 })).toEqual([id]);
    expect(await idsOf(engine, { name, since: now + 60_000 })).toEqual([]);
    expect(await idsOf(engine, { name, until: now - 60_000 })).toEqual([]);
  });
});
