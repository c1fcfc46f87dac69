// What people do to a workflow from outside.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { chain, group } from '../../../src/engine/index.ts';
import {
  findWorkflow,
  listWorkflows,
  retryWorkflow,
  revokeWorkflow,
  type TaskUpdate,
  useEngine,
} from '../../../src/engine/manage.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

async function anEngine() {
  const published: TaskUpdate[] = [];
  const publish = async (updates: readonly TaskUpdate[]) => void published.push(...updates);
  const engine = await makeEngine([scripted], { publish });
  useEngine(engine);
  return { engine, published };
}

describe('a workflow', () => {
  it('is found with its first tasks, its status and its result', async () => {
    const { engine } = await anEngine();
    const { workflowId, taskIds } = await chain(scripted.si({}), scripted.si({ value: 7 })).enqueue();
    expect((await findWorkflow(engine, workflowId, 1)).tasks.map(({ id }) => id)).toEqual(taskIds.slice(0, 1));
    const statuses = [];
    for (let round = 0; round < 3; round++) {
      statuses.push((await findWorkflow(engine, workflowId)).workflow.status);
      await engine.deliver();
    }
    expect(statuses).toEqual(['PENDING', 'STARTED', 'SUCCESS']);
    expect((await findWorkflow(engine, workflowId)).result).toEqual({ json: '{"attempt":1,"value":7}' });
  });

  it('that does not exist is refused', async () => {
    const { engine } = await anEngine();
    const id = crypto.randomUUID();
    for (const refused of [findWorkflow(engine, id), revokeWorkflow(engine, id), retryWorkflow(engine, id)])
      await expect(refused).rejects.toMatchObject({ code: 'workflow_not_found' });
  });

  it('is listed, newest first, page by page', async () => {
    const { engine } = await anEngine();
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await scripted.s({}).enqueue()).workflowId);
    const newest = await listWorkflows(engine, 2, undefined);
    expect(newest.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect((await listWorkflows(engine, 1, ids[1])).map(({ id }) => id)).toEqual([ids[0]]);
  });

  it('is found by the beginning and by the end of its id', async () => {
    const { engine } = await anEngine();
    const { workflowId: id } = await scripted.s({}).enqueue();
    const find = async (text: string) =>
      (await listWorkflows(engine, 10, undefined, { idPart: text })).map((one) => one.id);
    for (const text of [id, id.slice(0, 20), id.slice(-8), id.slice(-12).toUpperCase()])
      expect(await find(text), text).toEqual([id]);
    expect(await find('feedbee1')).toEqual([]);
    expect(await find('not an id')).toEqual([]);
  });
});

describe('revoking a workflow', () => {
  it('ends its unfinished tasks only, and is refused once all have ended', async () => {
    const { engine } = await anEngine();
    const { workflowId, taskIds } = await chain(scripted.si({}), scripted.si({}), scripted.si({})).enqueue();
    await engine.deliver();
    await revokeWorkflow(engine, workflowId);
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'REVOKED', 'REVOKED']);
    expect((await findWorkflow(engine, workflowId)).workflow).toMatchObject({ status: 'REVOKED', done: 3 });
    await expect(revokeWorkflow(engine, workflowId)).rejects.toMatchObject({ code: 'workflow_is_final' });
  });

  it('is published while a client watches', async () => {
    const { engine, published } = await anEngine();
    await env.DB.prepare("INSERT OR REPLACE INTO watchers (name, until) VALUES ('test', ?)")
      .bind(engine.clock.now() + 60_000)
      .run();
    const { workflowId, taskIds } = await chain(scripted.si({}), scripted.si({})).enqueue();
    await revokeWorkflow(engine, workflowId);
    await engine.idle();
    const revoked = published.filter(({ state }) => state === 'REVOKED');
    expect(revoked.map(({ taskId }) => taskId).sort()).toEqual([...taskIds].sort());
    expect(revoked.every((update) => update.workflowId === workflowId)).toBe(true);
  });
});

describe('retrying a workflow', () => {
  it('runs again what failed and what depends on it, and says how many tasks that is', async () => {
    const { engine } = await anEngine();
    const failing = scripted.si({ do: ['fail', 'succeed'] });
    const { workflowId, taskIds } = await group([scripted.si({}), failing]).enqueue();
    await engine.deliver();
    expect(await retryWorkflow(engine, workflowId)).toBe(2);
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'PENDING', 'WAITING']);
    await engine.drain();
    expect((await findWorkflow(engine, workflowId)).workflow).toMatchObject({ status: 'SUCCESS', done: 3 });
  });

  it('is refused while a task is unfinished, and when nothing failed', async () => {
    const { engine } = await anEngine();
    const { workflowId } = await scripted.s({}).enqueue();
    await expect(retryWorkflow(engine, workflowId)).rejects.toMatchObject({ code: 'workflow_not_final' });
    await engine.deliver();
    await expect(retryWorkflow(engine, workflowId)).rejects.toMatchObject({ code: 'workflow_not_failed' });
  });
});
