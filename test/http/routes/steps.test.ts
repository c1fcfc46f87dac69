// The steps of a task over HTTP: list, run again from one, fork.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { anAdminKey, call, problemOf, reply, run } from '../../support/worker.ts';

const key = await anAdminKey();

interface Steps {
  items: { name: string; kind: string; outcome: string; result: unknown; undo: { outcome: string } | null }[];
}

const stepsOf = async (id: string) => (await reply<Steps>(200, call(`GET /tasks/${id}/steps`, { key }))).items;

describe('GET /tasks/{id}/steps', () => {
  it('lists the steps with their results, in order', async () => {
    const task = await run(key, 'demo.steps', { names: ['a', 'b'], sleep: 0 });
    expect(task.status).toBe('SUCCESS');
    expect(
      (await stepsOf(task.task_id)).map(({ name, kind, outcome, result }) => [name, kind, outcome, result]),
    ).toEqual([
      ['a', 'do', 'done', 1],
      ['before b', 'sleep', 'done', null],
      ['b', 'do', 'done', 1],
    ]);
  });

  it('shows the undos', async () => {
    const task = await run(key, 'demo.undo', { names: ['a', 'b', 'c'], fail_in: 'c' });
    expect(task.status).toBe('FAILURE');
    expect((await stepsOf(task.task_id)).map(({ name, undo }) => [name, undo?.outcome])).toEqual([
      ['a', 'done'],
      ['b', 'done'],
    ]);
  });

  it('has, while undos run, a task that says how it ends then; lists do not say it', async () => {
    const later = { name: 'demo.echo', input: { value: 1 }, options: { countdown: 3600, tags: ['undoing'] } };
    const { task_id: id } = await reply<{ task_id: string }>(202, call('POST /tasks', { key, json: later }));
    const error = { code: 'failed', type: 'PermanentFailure', message: 'no' };
    const undoing = JSON.stringify({ state: 'FAILURE', error: { ...error, traceback: 'at …' } });
    await env.DB.prepare('UPDATE tasks SET undoing = ?1 WHERE id = ?2').bind(undoing, id).run();
    const shown = await reply<{ undoing: unknown }>(200, call(`GET /tasks/${id}`, { key }));
    expect(shown.undoing).toEqual({ status: 'FAILURE', error });
    const { items } = await reply<{ items: object[] }>(200, call('GET /tasks?tag=undoing', { key }));
    expect(items[0]).not.toHaveProperty('undoing');
    expect(items[0]).not.toHaveProperty('forked_from');
  });

  it('is empty for a task without steps, and 404 for no task', async () => {
    expect(await stepsOf((await run(key, 'demo.echo', { value: 1 })).task_id)).toEqual([]);
    const missing = await call(`GET /tasks/${crypto.randomUUID()}/steps`, { key });
    expect((await problemOf(missing)).code).toBe('task_not_found');
  });
});

describe('a finished task', () => {
  it('runs again from a step, and forks from one', async () => {
    const { task_id: id } = await run(key, 'demo.steps', { names: ['a', 'b', 'c'] });
    await reply(200, call(`POST /tasks/${id}/retry`, { key, json: { from_step: 'b' } }));
    expect((await reply<{ status: string }>(200, call(`GET /tasks/${id}?wait=20`, { key }))).status).toBe('SUCCESS');

    const forked = await call(`POST /tasks/${id}/fork`, { key, json: { from_step: { name: 'c', occurrence: 1 } } });
    const { task_id: fork } = await reply<{ task_id: string }>(202, forked);
    expect(forked.headers.get('location')).toBe(`/tasks/${fork}`);
    expect(await reply(200, call(`GET /tasks/${fork}?wait=20`, { key }))).toMatchObject({
      ...{ status: 'SUCCESS', forked_from: id, undoing: null },
    });
    expect(await reply(200, call(`GET /tasks/${id}`, { key }))).toMatchObject({ forked_from: null });
    for (const line of [`POST /tasks/${id}/retry`, `POST /tasks/${id}/fork`]) {
      const refused = await call(line, { key, json: { from_step: 'none' } });
      expect([refused.status, (await problemOf(refused)).code]).toEqual([404, 'step_not_found']);
    }
    expect((await call(`POST /tasks/${id}/fork`, { key, json: {} })).status).toBe(422);
  });
});
