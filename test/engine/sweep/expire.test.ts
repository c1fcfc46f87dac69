// Tasks that expire while they wait, and what is counted of them.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type EnqueueOptions, group } from '../../../src/engine/index.ts';
import {
  enqueue,
  findTask,
  listAttempts,
  pauseQueue,
  revokeTask,
  revokeWorkflow,
  sweep,
  useEngine,
} from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, type TestEngine } from '../../support/engine.ts';
import { runsOf, scripted } from '../../support/scripted.ts';

async function add(engine: TestEngine, options: EnqueueOptions, input: object = {}): Promise<string> {
  const [receipt] = await enqueue(engine, [{ definition: scripted, input, options }]);
  return receipt!.taskId;
}

async function counts(): Promise<Record<string, number>> {
  const sums = `sum(revoked) AS revoked, sum(attempts) AS attempts, sum(first_attempts) AS firsts, sum(runtime_ms) AS runtime`;
  return (await env.DB.prepare(`SELECT ${sums} FROM task_stats`).first<Record<string, number>>()) ?? {};
}

describe('a task that expires', () => {
  it('in a paused queue is revoked within a minute, not at the resume', async () => {
    const engine = await makeEngine([scripted]);
    await pauseQueue(engine, 'low');
    const id = await add(engine, { queue: 'low', expires: 30 });
    engine.advance(60);
    expect((await sweep(engine)).expire).toBe(1);
    expect(await findTask(engine, id)).toMatchObject({ state: 'REVOKED', error: { code: 'expired' }, attempts: 0 });
    await env.DB.exec('DELETE FROM paused_queues');
  });

  it('before a far ETA is revoked, and so are the tasks that depend on it', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(engine);
    const { taskIds } = await group([scripted.s()]).enqueue();
    await env.DB.prepare('UPDATE tasks SET expires_at = 1 WHERE id = ?').bind(taskIds[0]).run();
    await sweep(engine);
    expect((await rowOf(taskIds[0]!)).state).toBe('REVOKED');
    expect((await rowOf(taskIds[1]!)).state).toBe('REVOKED');
  });

  it('while it runs goes on: it started in time', async () => {
    const engine = await makeEngine([scripted]);
    const id = await add(engine, { expires: 10 }, { do: ['hang'] });
    const delivery = engine.deliver();
    for (let state = ''; state !== 'STARTED'; state = (await findTask(engine, id)).state) await scheduler.wait(5);
    engine.advance(15); // Its lease lasts 30 seconds.
    expect((await sweep(engine)).expire).toBe(0);
    await revokeTask(engine, id);
    await delivery;
  }, 20_000);

  it('and is taken up too late has no attempt, no start and no cost', async () => {
    const engine = await makeEngine([scripted]);
    await env.DB.exec('DELETE FROM task_stats');
    const id = await add(engine, { expires: 30 });
    await engine.idle();
    engine.advance(31);
    await engine.deliver();
    const task = await findTask(engine, id);
    expect(task).toMatchObject({ state: 'REVOKED', attempts: 0, error: { code: 'expired' } });
    expect(task.startedAt).toBeUndefined();
    expect(await listAttempts(engine, id)).toEqual([]);
    expect(runsOf(id)).toEqual([]);
    expect(await counts()).toMatchObject({ revoked: 1, attempts: 0, firsts: 1, runtime: 0 });
  });
});

describe('what is counted', () => {
  it('of a running attempt that is revoked: its runtime', async () => {
    const engine = await makeEngine([scripted]);
    await env.DB.exec('DELETE FROM task_stats');
    const id = await add(engine, {}, { do: ['hang'] });
    const delivery = engine.deliver();
    for (let state = ''; state !== 'STARTED'; state = (await findTask(engine, id)).state) await scheduler.wait(5);
    engine.advance(7);
    await revokeTask(engine, id);
    await delivery;
    expect(await counts()).toMatchObject({ revoked: 1, attempts: 1, firsts: 1, runtime: 7000 });
  }, 20_000);

  it('of a running attempt that is revoked with its workflow: its runtime', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(engine);
    await env.DB.exec('DELETE FROM task_stats');
    const { workflowId, taskIds } = await group([scripted.s({ do: ['hang'] })]).enqueue();
    const delivery = engine.deliver();
    for (let state = ''; state !== 'STARTED'; state = (await findTask(engine, taskIds[0]!)).state)
      await scheduler.wait(5);
    engine.advance(7);
    await revokeWorkflow(engine, workflowId);
    await delivery;
    expect(await counts()).toMatchObject({ revoked: 2, attempts: 1, runtime: 7000 });
  }, 20_000);

  it('of a task with an ETA in the past: it waits from when it was accepted', async () => {
    const engine = await makeEngine([scripted]);
    const id = await add(engine, { eta: new Date('2020-01-01T00:00:00Z') });
    expect((await rowOf(id)).due_at).toBe(engine.clock.now());
  });
});

describe('times that contradict each other', () => {
  const inAnHour = new Date(Date.now() + 3_600_000);

  it.each<[string, EnqueueOptions]>([
    ['at the ETA', { eta: inAnHour, expires: inAnHour }],
    ['before the ETA', { eta: inAnHour, expires: 60 }],
    ['before the countdown', { countdown: 60, expires: 60 }],
  ])('are refused: an expiry %s', async (_, options) => {
    const engine = await makeEngine([scripted]);
    await expect(add(engine, options)).rejects.toMatchObject({
      code: 'invalid_options',
      issues: [{ path: 'options.expires' }],
    });
  });
});
