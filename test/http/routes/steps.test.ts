// The steps of a task over HTTP: list, run again from one, fork.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, sendEvent } from '../../../src/engine/manage.ts';
import { stepped } from '../../support/stepped.ts';
import { anAdminKey, anApp, call, problemOf, reply, run } from '../../support/worker.ts';

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

describe('GET /tasks/{id}/steps/{name}', () => {
  const big = (size: number) => ({ text: 'ä'.repeat(size) });
  /** Names may hold any character. */
  const ODD = 'a/b ?#%25 "ä"';

  async function aTaskOfSteps() {
    const definition = stepped(async ({ step }) => {
      for (const size of [3, 5000, 2_000_000]) await step.do(ODD, () => big(size));
      await step.waitForEvent('paid', { type: 'step.paid' });
      await (await step.approval('sign', { title: 'Sign?' })).decision();
    });
    const app = await anApp({}, { registry: createRegistry([definition]) });
    const [receipt] = await enqueue(app.engine, [{ definition, input: null }]);
    await app.engine.deliver();
    return { ...app, id: receipt!.taskId };
  }

  it('has the whole result, however large, of the occurrence that is asked for', async () => {
    const { call: request, id } = await aTaskOfSteps();
    const path = `/tasks/${id}/steps/${encodeURIComponent(ODD)}`;
    const first = await reply<{ result: unknown }>(200, request(`GET ${path}`));
    expect(first).toMatchObject({ name: ODD, occurrence: 1, outcome: 'done', result: big(3), has_long_result: false });
    for (const [occurrence, size] of [
      [2, 5000],
      [3, 2_000_000],
    ] as const) {
      const one = await reply<{ result: { text: string } }>(200, request(`GET ${path}?occurrence=${occurrence}`));
      expect(one).toMatchObject({ name: ODD, occurrence, has_long_result: false });
      expect(one.result.text.length).toBe(size);
    }
    const { items } = await reply<{ items: object[] }>(200, request(`GET /tasks/${id}/steps`));
    expect(items.slice(0, 3)).toMatchObject([
      { result: big(3), has_long_result: false },
      { result: null, has_long_result: true },
      { result: null, has_long_result: true },
    ]);
  });

  it('has no result while it waits, and then the payload of the event, however large', async () => {
    const { call: request, engine, id } = await aTaskOfSteps();
    const path = `/tasks/${id}/steps/paid`;
    expect(await reply(200, request(`GET ${path}`))).toMatchObject({ outcome: 'open', result: null });
    await sendEvent(engine, { type: 'step.paid', payload: big(30_000) });
    const { result } = await reply<{ result: { text: string } }>(200, request(`GET ${path}`));
    expect(result.text.length).toBe(30_000);
    const { items } = await reply<{ items: object[] }>(200, request(`GET /tasks/${id}/steps`));
    expect(items[3]).toMatchObject({ name: 'paid', result: null, has_long_result: true });
    await engine.deliver();
    await reply(200, request(`POST /tasks/${id}/approvals`, { json: { step: 'sign', approved: true } }));
    expect(await reply(200, request(`GET /tasks/${id}/steps/sign`))).toMatchObject({
      result: { approved: true, at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it('refuses what is not there', async () => {
    const { call: request, id } = await aTaskOfSteps();
    const codeOf = async (path: string) => (await problemOf(request(`GET ${path}`))).code;
    expect(await codeOf(`/tasks/${id}/steps/other`)).toBe('step_not_found');
    expect(await codeOf(`/tasks/${id}/steps/paid?occurrence=2`)).toBe('step_not_found');
    expect(await codeOf(`/tasks/${crypto.randomUUID()}/steps/paid`)).toBe('task_not_found');
    expect(await codeOf(`/tasks/${id}/steps/paid?occurrence=0`)).toBe('invalid_request');
    expect(await codeOf(`/tasks/${id}/steps/${'x'.repeat(257)}`)).toBe('not_found');
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
