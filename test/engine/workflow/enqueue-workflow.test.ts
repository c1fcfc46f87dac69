// Enqueueing a workflow: whole or not at all, and once for each idempotency key.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask, group } from '../../../src/engine/index.ts';
import { findWorkflow, listTasks, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';

const add = defineTask({
  name: 'test.add',
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ a: z.number() }),
  run: ({ a, b }) => ({ a: a + b }),
});
const one = defineTask({ name: 'test.one', input: z.object({}), output: z.number(), run: () => 1 });

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([add, one]);
  useEngine(engine);
  return engine;
}

describe('a workflow', () => {
  it('is enqueued whole or not at all', async () => {
    const engine = await anEngine();
    const before = (await listTasks(engine, {}, { limit: 1000, before: undefined })).length;
    const bad = chain(add.s({ a: 1, b: 1 }), add.s({ b: 'x' as never }));
    await expect(bad.enqueue()).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ path: 'workflow.chain.1.input.b' }],
    });
    const big = group(Array.from({ length: 10_002 }, () => one.s()));
    await expect(big.enqueue()).rejects.toMatchObject({ code: 'too_many_tasks' });
    const long = chain(...Array.from({ length: 10_001 }, () => one.s()));
    await expect(long.enqueue()).rejects.toMatchObject({
      code: 'too_many_tasks',
      issues: [{ path: 'workflow.chain.10000' }],
    });
    const callbackUrl = `https://example.com/${'x'.repeat(2000)}`;
    await expect(one.s().enqueue({ callbackUrl })).rejects.toMatchObject({ issues: [{ path: 'callbackUrl' }] });
    const nothing = group([chain(), chain()]);
    await expect(nothing.enqueue()).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ path: 'workflow.group.0' }],
    });
    expect((await listTasks(engine, {}, { limit: 1000, before: undefined })).length).toBe(before);
  });

  it('has its tasks, its edges, and messages only for those that can start', async () => {
    const engine = await anEngine();
    const { workflowId, taskIds, resultTaskId } = await chord([one.s(), one.s()], one.si({})).enqueue();
    await engine.idle();
    expect(await statesOf(taskIds)).toEqual(['PENDING', 'PENDING', 'WAITING']);
    expect(engine.sent.default.flatMap(({ body }) => body.ids).sort()).toEqual(taskIds.slice(0, 2).sort());
    const { workflow, tasks } = await findWorkflow(engine, workflowId, 10);
    expect(workflow).toMatchObject({ status: 'PENDING', done: 0, total: 3, resultTaskId });
    expect(tasks.map(({ parents }) => parents)).toEqual([[], [], taskIds.slice(0, 2)]);
  });

  it('leaves out the dedupe keys of its tasks', async () => {
    const unique = defineTask({
      name: 'test.unique',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 60 },
      run: () => ({}),
    });
    useEngine(await makeEngine([unique]));
    const { taskIds } = await group([unique.s(), unique.s()]).enqueue();
    expect(await statesOf(taskIds)).toEqual(['PENDING', 'PENDING', 'WAITING']);
    const keys = env.DB.prepare(
      'SELECT count(*) AS n FROM task_keys WHERE task_id IN (SELECT value FROM json_each(?))',
    );
    expect(await keys.bind(JSON.stringify(taskIds)).first<number>('n')).toBe(0);
  });

  it('may have a definition with a unique key as a later link', async () => {
    const keyed = defineTask({
      name: 'test.keyed',
      input: z.object({ a: z.number(), site: z.string() }),
      output: z.object({}),
      unique: { key: ({ site }) => site, forSeconds: 60 },
      run: () => ({}),
    });
    useEngine(await makeEngine([add, keyed]));
    const linked = chain(add.s({ a: 1, b: 1 }), keyed.s({ site: 'x' })).enqueue();
    await expect(linked).resolves.toMatchObject({ duplicate: false });
  });

  it('puts the callback of the whole on the result task', async () => {
    await anEngine();
    const callbackUrl = 'https://example.com/done';
    const { workflowId, taskIds } = await chain(one.s(), one.si({})).enqueue({ callbackUrl });
    const callbacks = await Promise.all(taskIds.map(async (id) => (await rowOf(id)).callback));
    expect(callbacks).toEqual([null, JSON.stringify({ url: callbackUrl, workflow_id: workflowId })]);
  });
});

describe('an idempotency key', () => {
  const parts = (b = 1) => chain(add.s({ a: 1, b: 1 }), add.s({ b }));

  it('gives the same workflow for the same parts', async () => {
    const engine = await anEngine();
    const since = engine.clock.now();
    const idempotencyKey = crypto.randomUUID();
    const first = await parts().enqueue({ idempotencyKey });
    engine.advance(60);
    expect(await parts().enqueue({ idempotencyKey })).toEqual({ ...first, duplicate: true, since });
  });

  it('is refused for other parts, and nothing is enqueued', async () => {
    const engine = await anEngine();
    const idempotencyKey = crypto.randomUUID();
    await parts().enqueue({ idempotencyKey });
    const count = async () => (await listTasks(engine, {}, { limit: 1000, before: undefined })).length;
    const before = await count();
    const refused = parts(2).enqueue({ idempotencyKey });
    await expect(refused).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect(await count()).toBe(before);
  });

  it('says that the earlier workflow does not have the callback of the repeat', async () => {
    await anEngine();
    const ask = (idempotencyKey: string, callbackUrl?: string) =>
      parts().enqueue({ idempotencyKey, ...(callbackUrl !== undefined && { callbackUrl }) });
    const [plain, called] = [crypto.randomUUID(), crypto.randomUUID()];
    await ask(plain);
    await ask(called, 'https://a.example');
    expect((await ask(plain, 'https://a.example')).notTaken).toEqual(['callbackUrl']);
    expect((await ask(called, 'https://b.example')).notTaken).toEqual(['callbackUrl']);
    expect((await ask(called, 'https://a.example')).notTaken).toBeUndefined();
    expect((await ask(called)).notTaken).toBeUndefined();
  });

  it('does not hide a BigInt in the input', async () => {
    await anEngine();
    const refused = add.s({ a: 1n as never, b: 1 }).enqueue({ idempotencyKey: crypto.randomUUID() });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input', issues: [{ path: 'workflow.input.a' }] });
  });

  it('makes one workflow of several calls at once', async () => {
    await anEngine();
    const idempotencyKey = crypto.randomUUID();
    const receipts = await Promise.all([1, 2, 3].map(() => parts().enqueue({ idempotencyKey })));
    expect(new Set(receipts.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });
});
