// What people and other tasks do to tasks from outside: wait, revoke, retry.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { group } from '../../src/engine/index.ts';
import {
  consume,
  enqueue,
  listAttempts,
  makeEager,
  retryTask,
  revokeTask,
  revokeTasks,
  useEngine,
  waitForTask,
} from '../../src/engine/manage.ts';
import { retryByFilter } from '../../src/tasks/index.ts';
import { aContext } from '../support/context.ts';
import { enqueueOne } from '../support/dying.ts';
import { aBatch, makeEngine, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

async function runOnce(input: object) {
  const engine = await makeEngine([scripted]);
  const id = await enqueueOne(engine, input);
  await engine.deliver();
  return { engine, id };
}

describe('waiting for a task', () => {
  it('ends with its end, long before the time is up', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const waiting = waitForTask(engine, id, 3600);
    await engine.deliver();
    expect(await waiting).toMatchObject({ id, state: 'SUCCESS' });
  });

  it('ends with the time, and gives the task as it is then', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    expect(await waitForTask(engine, id, 0)).toMatchObject({ id, state: 'PENDING' });
  });

  it('is refused for a task that does not exist', async () => {
    const engine = await makeEngine([scripted]);
    await expect(waitForTask(engine, crypto.randomUUID(), 1)).rejects.toMatchObject({ code: 'task_not_found' });
  });
});

describe('revoking', () => {
  it('ends tasks that are not final, and says how many that were', async () => {
    const { engine, id } = await runOnce({});
    const waiting = [await enqueueOne(engine), await enqueueOne(engine)];
    expect(await revokeTasks(engine, [id, ...waiting, crypto.randomUUID()])).toBe(2);
    expect(await statesOf([id, ...waiting])).toEqual(['SUCCESS', 'REVOKED', 'REVOKED']);
  });

  it('is refused for a task that is final or does not exist', async () => {
    const { engine, id } = await runOnce({});
    await expect(revokeTask(engine, id)).rejects.toMatchObject({ code: 'task_is_final' });
    await expect(revokeTask(engine, crypto.randomUUID())).rejects.toMatchObject({ code: 'task_not_found' });
  });
});

describe('the retry by hand', () => {
  it('runs a final task again under the same id, and keeps its history', async () => {
    const { engine, id } = await runOnce({ do: ['fail', 'succeed', 'succeed'] });
    await retryTask(engine, id);
    expect(await statesOf([id])).toEqual(['PENDING']);
    await engine.deliver();
    await retryTask(engine, id);
    await engine.deliver();
    expect((await listAttempts(engine, id)).map(({ outcome }) => outcome)).toEqual(['FAILURE', 'SUCCESS', 'SUCCESS']);
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('forgets the crashes of a poisoned task', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    const id = receipt!.taskId;
    await env.DB.prepare("UPDATE tasks SET state = 'STARTED', lease_id = 'l', crashes = 3, started_at = 1 WHERE id = ?")
      .bind(id)
      .run();
    await env.DB.prepare("UPDATE tasks SET state = 'FAILURE', lease_id = NULL, finished_at = 2 WHERE id = ?")
      .bind(id)
      .run();
    await retryTask(engine, id);
    await engine.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('is refused while the task is not final', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    await expect(retryTask(engine, receipt!.taskId)).rejects.toMatchObject({ code: 'task_not_final' });
  });

  it('moves a task to another queue when asked', async () => {
    const { engine, id } = await runOnce({});
    expect(await retryTask(engine, id, { queue: 'low' })).toMatchObject({ queue: 'low', state: 'PENDING' });
    await engine.idle();
    expect([engine.sent.default.length, engine.sent.low.length]).toEqual([0, 1]);
  });

  it('is refused for a member of a workflow', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(makeEager(engine));
    const { taskIds, workflowId } = await group([scripted.s({ do: ['fail'] })]).enqueue();
    await expect(retryTask(engine, taskIds[0]!)).rejects.toMatchObject({
      code: 'task_in_workflow',
      message: expect.stringContaining(workflowId),
    });
  });
});

describe('the bulk retry', () => {
  beforeEach(async () => {
    const tables = ['tasks', 'task_keys', 'workflows', 'workflow_tasks', 'edges'];
    await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  });

  it('of 300 failed workflows stays within 1,000 queries an invocation', async () => {
    const engine = await makeEngine([scripted, retryByFilter]);
    useEngine(engine);
    const ids: string[] = [];
    for (let i = 0; i < 300; i++) ids.push((await group([scripted.s({ do: ['fail'] })]).enqueue()).workflowId);
    for (let i = 0; i < 6; i++) await engine.deliver();
    engine.advance(5);
    await enqueue(engine, [{ definition: retryByFilter, input: { filter: { status: 'FAILURE' } } }]);
    await engine.idle();
    const before = countQueries(engine);
    const [message] = engine.sent.high.splice(0);
    await consume(engine, 'high', aBatch('high', [message!.body]));
    expect(countQueries(engine) - before).toBeLessThan(1000);
  }, 120_000);

  it('that is run twice after a crash retries a workflow once', async () => {
    const engine = await makeEngine([scripted, retryByFilter]);
    useEngine(engine);
    const { taskIds } = await group([scripted.s({ do: ['fail'] })]).enqueue();
    for (let i = 0; i < 4; i++) await engine.deliver();
    engine.advance(5);
    const ctx = aContext(engine);
    await retryByFilter.handler.run({ filter: { name: 'test.scripted' }, done: 0 }, ctx);
    engine.advance(5);
    for (let i = 0; i < 4; i++) await engine.deliver();
    await retryByFilter.handler.run({ filter: { name: 'test.scripted' }, done: 0 }, ctx);
    for (let i = 0; i < 4; i++) await engine.deliver();
    expect(runsOf(taskIds[0]!)).toHaveLength(2);
  });
});

function countQueries(engine: Awaited<ReturnType<typeof makeEngine>>): number {
  return engine.batches.reduce((sum, batch) => sum + batch.length, 0);
}
