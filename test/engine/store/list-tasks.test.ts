// Pages of tasks: each filter alone and with others, and the way from page to page.
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
