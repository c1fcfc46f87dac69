import { describe, expect, it, vi } from 'vitest';
import { PRICES } from '../../../src/engine/manage.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, anApp, call, finish, problemOf, reply, run } from '../../support/worker.ts';

const key = await anAdminKey();
const create = (json: object) => reply<TaskJson>(202, call('POST /tasks', { key, json }));
const later = (value: unknown) => ({ name: 'demo.echo', input: { value }, options: { countdown: 3600 } });

describe('GET /tasks/{id}', () => {
  it('is the same at /task/{id}', async () => {
    const { task_id } = await run(key, 'demo.echo', { value: 1 });

    const [mine, seeds] = await Promise.all([
      reply(200, call(`GET /tasks/${task_id}`, { key })),
      reply(200, call(`GET /task/${task_id}`, { key })),
    ]);

    expect(seeds).toEqual(mine);
  });

  it('answers 404 to an unknown id', async () => {
    for (const path of ['', '/attempts', '/result', '/input']) {
      const problem = await problemOf(call(`GET /tasks/${crypto.randomUUID()}${path}`, { key }));
      expect(problem).toMatchObject({ status: 404, code: 'task_not_found' });
    }
  });

  it.each(['GET /tasks/7', 'GET /task/7', 'GET /tasks/7/attempts', 'POST /tasks/7/revoke', 'POST /tasks/7/retry'])(
    '%s is 404: no task can have that id',
    async (line) => {
      const problem = await problemOf(call(line, { key }));

      expect(problem).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  it('waits until the task is final', async () => {
    const { call: request, engine } = await anApp();
    const json = { name: 'demo.sleep', input: { seconds: 0.2, steps: 2 } };
    const { task_id } = await reply<TaskJson>(202, request('POST /tasks', { json }));

    const waiting = reply<TaskJson>(200, request(`GET /tasks/${task_id}?wait=20`));
    await engine.deliver();

    const progress = { percent: 100, total: 2 };
    expect(await waiting).toMatchObject({ status: 'SUCCESS', result: { slept: 0.2 }, progress });
  });

  it('waits no longer than asked', async () => {
    const { task_id } = await create(later(1));
    const started = Date.now();

    const task = await reply<TaskJson>(200, call(`GET /tasks/${task_id}?wait=0.2`, { key }));

    expect(task.status).toBe('PENDING');
    expect(Date.now() - started).toBeGreaterThanOrEqual(190);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it.each(['-1', '31', 'long'])('refuses to wait %s seconds', async (wait) => {
    const { task_id } = await create(later(1));

    expect((await problemOf(call(`GET /tasks/${task_id}?wait=${wait}`, { key }))).errors?.[0]?.path).toBe('wait');
  });

  it('shows a failure with its message, and the place it came from', async () => {
    const task = await run(key, 'demo.fail', { message: 'no luck', permanent: true });

    expect(task).toMatchObject({ status: 'FAILURE', result: null, attempts: 1 });
    expect(task.error).toEqual({ code: 'failed', type: 'PermanentFailure', message: 'no luck' });
    expect(task.traceback).toContain('no luck');
  });

  it('has no result to serve before there is one', async () => {
    const { task_id } = await create(later(1));

    const problem = await problemOf(call(`GET /tasks/${task_id}/result`, { key }));

    expect(problem).toMatchObject({ status: 404, code: 'not_found' });
    expect(problem.detail).toContain('PENDING');
    expect(await reply(200, call(`GET /tasks/${task_id}/input`, { key }))).toEqual({ value: 1 });
  });
});

describe('GET /tasks/{id}/attempts', () => {
  interface Attempts {
    cost_usd: number;
    items: {
      number: number;
      outcome: string;
      started_at: string;
      finished_at: string;
      error: { message: string } | null;
      logs: { message: string }[];
    }[];
  }
  const attemptsOf = async (id: string) =>
    (await reply<Attempts>(200, call(`GET /tasks/${id}/attempts`, { key }))).items;

  it('shows each attempt, oldest first', async () => {
    const { task_id } = await run(key, 'demo.flaky', { failures: 1 });

    const attempts = await attemptsOf(task_id);

    expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'RETRY'],
      [2, 'SUCCESS'],
    ]);
    expect(attempts[0]?.error?.message).toContain('attempt 1');
    expect(attempts[1]?.error).toBeNull();
  });

  it('say together what the task costs: more where it was tried again', async () => {
    const costOf = async (failures: number) => {
      const { task_id } = await run(key, 'demo.flaky', { failures });
      const { cost_usd, items } = await reply<Attempts>(200, call(`GET /tasks/${task_id}/attempts`, { key }));
      // How long the attempts take depends on the machine.
      const runtimes = items.map((one) => Date.parse(one.finished_at) - Date.parse(one.started_at));
      return cost_usd - (runtimes.reduce((sum, ms) => sum + ms, 0) * PRICES.perMillionCpuMs) / 1_000_000;
    };
    const [once, twice] = [await costOf(0), await costOf(1)];
    expect(once).toBeCloseTo(0.0000092, 6);
    expect(twice - once).toBeGreaterThan(0.000008);
  });

  it('keeps the log lines', async () => {
    const { task_id } = await run(key, 'demo.log', { lines: 3 });

    const [attempt] = await attemptsOf(task_id);

    expect(attempt?.logs.map(({ message }) => message)).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('is empty for a task that has not been started, which costs nothing', async () => {
    const { task_id } = await create(later(1));
    expect(await reply(200, call(`GET /tasks/${task_id}/attempts`, { key }))).toEqual({ items: [], cost_usd: 0 });
  });
});

describe('POST /tasks/{id}/revoke', () => {
  const revoke = (id: string) => call(`POST /tasks/${id}/revoke`, { key });

  it('ends a waiting task, which then never starts', async () => {
    const { task_id } = await create(later(1));

    const task = await reply<TaskJson>(200, revoke(task_id));

    expect(task).toMatchObject({ status: 'REVOKED', attempts: 0, error: { code: 'revoked' } });
    expect(task.finished_at).not.toBeNull();
  });

  it('ends a running task and discards its result', async () => {
    const { task_id } = await create({ name: 'demo.sleep', input: { seconds: 0.5, steps: 1 } });
    const state = async () => (await reply<TaskJson>(200, call(`GET /tasks/${task_id}`, { key }))).status;
    await vi.waitFor(async () => expect(await state()).toBe('STARTED'), { timeout: 5000, interval: 20 });

    expect(await reply<TaskJson>(200, revoke(task_id))).toMatchObject({ status: 'REVOKED', result: null });
    // What was enqueued after the sleep ended has ended, so the sleep has been settled, or not, by now.
    await run(key, 'demo.sleep', { seconds: 0.6, steps: 1 });
    expect(await state()).toBe('REVOKED');
  });

  it('answers 409 for a final task, and says so', async () => {
    const { task_id } = await run(key, 'demo.echo', { value: 1 });

    const problem = await problemOf(revoke(task_id));

    expect(problem).toMatchObject({ status: 409, code: 'task_is_final' });
    expect(problem.detail).toContain('SUCCESS');
  });

  it('answers 404 to an unknown id', async () => {
    expect(await problemOf(revoke(crypto.randomUUID()))).toMatchObject({ status: 404, code: 'task_not_found' });
  });
});

describe('POST /tasks/{id}/retry', () => {
  const retry = (id: string) => call(`POST /tasks/${id}/retry`, { key });

  it('runs a final task again under the same id and keeps its history', async () => {
    const failed = await run(key, 'demo.fail', { message: 'again', permanent: true });

    const accepted = await reply<TaskJson>(200, retry(failed.task_id));
    const task = await finish(key, failed.task_id);
    const history = await reply<{ items: unknown[] }>(200, call(`GET /tasks/${failed.task_id}/attempts`, { key }));

    expect(accepted).toMatchObject({ task_id: failed.task_id, status: 'PENDING', error: null, finished_at: null });
    expect(task).toMatchObject({ status: 'FAILURE', error: { message: 'again' } });
    expect(history.items).toHaveLength(2);
  });

  it('answers 409 for an unfinished task, and says so', async () => {
    const { task_id } = await create(later(1));

    const problem = await problemOf(retry(task_id));

    expect(problem).toMatchObject({ status: 409, code: 'task_not_final' });
    expect(problem.detail).toContain('PENDING');
  });

  it('answers 404 to an unknown id', async () => {
    expect(await problemOf(retry(crypto.randomUUID()))).toMatchObject({ status: 404, code: 'task_not_found' });
  });
});
