// A delivery in which D1's answer is lost, or a task's retry policy throws.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chord, defineTask, fixed } from '../../src/engine/index.ts';
import { consume, enqueue, findTask, revokeTask, sweep, useEngine } from '../../src/engine/manage.ts';
import { bulkPush } from '../support/bulk-push.ts';
import { claimAndDie, enqueueOne } from '../support/dying.ts';
import { aBatch, makeEngine, rowOf, statesOf, type TestEngine } from '../support/engine.ts';
import { changeQueue } from '../support/queues.ts';
import { runsOf, scripted } from '../support/scripted.ts';

/** Lets the engine's D1 fail where `fails` says so: before the batch, or after it was committed. */
function disturbDb(engine: TestEngine, fails: (sql: string, call: number) => 'before' | 'after' | undefined): void {
  const { batch } = engine.db;
  let calls = 0;
  const sqlOf = new WeakMap<D1PreparedStatement, string>();
  engine.db = Object.assign(Object.create(engine.db) as D1Database, {
    prepare(sql: string) {
      const statement = env.DB.prepare(sql);
      const bind = statement.bind.bind(statement);
      return Object.assign(Object.create(statement) as D1PreparedStatement, {
        bind(...values: unknown[]) {
          const bound = bind(...values);
          sqlOf.set(bound, sql);
          return bound;
        },
      });
    },
    async batch(statements: D1PreparedStatement[]) {
      const fault = fails(statements.map((statement) => sqlOf.get(statement) ?? '').join(';'), ++calls);
      if (fault === 'before') throw new Error('D1_ERROR: storage is busy');
      const results = await batch.call(env.DB, statements);
      if (fault === 'after') throw new Error('D1_ERROR: Network connection lost.');
      return results;
    },
  });
}

const isClaim = (sql: string) => sql.includes("SET state = 'STARTED'");
const isSettle = (sql: string) => sql.includes('lease_id = NULL, result');

describe('a claim whose answer is lost', () => {
  it('is looked up: the tasks it took run here, once, and count no crash', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    disturbDb(engine, (sql) => (isClaim(sql) ? 'after' : undefined));
    const batch = aBatch('default', [{ ids: [id] }]);
    await consume(engine, 'default', batch);
    expect(batch.acked).toEqual([0]);
    expect(runsOf(id)).toHaveLength(1);
    expect((await findTask(engine, id)).crashes).toBe(0);
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('that took no task lets running tasks end, and its message comes again', async () => {
    const engine = await makeEngine([scripted]);
    changeQueue('default', { concurrency: 2, burst: 2 });
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await enqueueOne(engine));
    let claims = 0;
    disturbDb(engine, (sql) => (isClaim(sql) && ++claims > 1 ? 'before' : undefined));
    const batch = aBatch('default', [{ ids }]);
    await consume(engine, 'default', batch);
    expect(batch.retried).toEqual([0]);
    expect((await statesOf(ids)).sort()).toEqual(['PENDING', 'PENDING', 'SUCCESS', 'SUCCESS']);
  });
});

describe('a settling that never lands', () => {
  it('leaves its tasks in the lease, and the sweep takes them back', async () => {
    const engine = await makeEngine([scripted]);
    changeQueue('default', { concurrency: 2, burst: 2 });
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await enqueueOne(engine));
    disturbDb(engine, (sql) => (isSettle(sql) ? 'before' : undefined));
    await consume(engine, 'default', aBatch('default', [{ ids }]));
    const healed = await makeEngine([scripted]);
    healed.advance(3600);
    const { rescue } = await sweep(healed);
    expect(rescue).toBeGreaterThan(0);
    await healed.drain();
    expect(new Set(await statesOf(ids))).toEqual(new Set(['SUCCESS']));
  }, 30_000);
});

it('a retry policy that throws ends its own task and no other', async () => {
  const broken = defineTask({
    name: 'test.broken_policy',
    input: z.object({}),
    output: z.object({}),
    retry: {
      failOn: (error) => (error as { response: { status: number } }).response.status === 400,
    },
    run: () => {
      throw new Error('no response');
    },
  });
  const engine = await makeEngine([broken, scripted]);
  const [bad, good] = await enqueue(engine, [
    { definition: broken, input: {} },
    { definition: scripted, input: {} },
  ]);
  await engine.deliver();
  expect(await statesOf([bad!.taskId, good!.taskId])).toEqual(['FAILURE', 'SUCCESS']);
  expect((await findTask(engine, bad!.taskId)).error?.message).toContain('the retry policy threw');
});

describe('a parent is counted once', () => {
  const item = defineTask({
    name: 'test.item',
    input: z.object({}),
    output: z.object({}),
    retry: { backoff: fixed(1) },
    run: () => ({}),
  });
  const all = defineTask({
    name: 'test.all',
    input: z.object({ results: z.array(z.unknown()) }),
    output: z.object({}),
    run: () => ({}),
  });

  it('when it is revoked twice', async () => {
    const engine = await makeEngine([item, all]);
    useEngine(engine);
    const { taskIds } = await chord([item.s(), item.s()], all.s(), { onChildFailure: 'continue' }).enqueue();
    await revokeTask(engine, taskIds[0]!);
    await expect(revokeTask(engine, taskIds[0]!)).rejects.toMatchObject({ code: 'task_is_final' });
    expect([(await rowOf(taskIds[2]!)).state, (await rowOf(taskIds[2]!)).open_parents]).toEqual(['WAITING', 1]);
  });

  it('when two sweeps find it poisoned at once', async () => {
    const engine = await makeEngine([item, all]);
    useEngine(engine);
    const { taskIds } = await chord([item.s(), item.s()], all.s(), { onChildFailure: 'continue' }).enqueue();
    await env.DB.prepare('UPDATE tasks SET crashes = 2 WHERE id = ?').bind(taskIds[0]!).run();
    await claimAndDie(engine, [taskIds[0]!], true);
    engine.advance(31);
    await Promise.all([sweep(engine), sweep(engine), sweep(engine)]);
    expect([(await rowOf(taskIds[2]!)).state, (await rowOf(taskIds[2]!)).open_parents]).toEqual(['WAITING', 1]);
  });
});

describe('a batch', () => {
  const inputs = (definition: ReturnType<typeof bulkPush>['definition']) =>
    ['a', 'b', 'c'].map((to) => ({ definition, input: { to } }));
  const results = async (engine: TestEngine, ids: string[]) =>
    (await Promise.all(ids.map((id) => findTask(engine, id)))).map(({ state, result }) => [state, result]);
  const wanted = ['a', 'b', 'c'].map((to) => ['SUCCESS', { json: JSON.stringify({ to }) }]);

  it('whose claim or settling is committed without an answer runs once, in one call, and each task has its own result', async () => {
    for (const isLost of [isClaim, isSettle]) {
      const { definition, calls } = bulkPush();
      const engine = await makeEngine([definition]);
      const ids = (await enqueue(engine, inputs(definition))).map(({ taskId }) => taskId);
      let lost = 0;
      disturbDb(engine, (sql) => (isLost(sql) && lost++ === 0 ? 'after' : undefined));
      await consume(engine, 'default', aBatch('default', [{ ids, task: 'test.push' }]));
      expect(calls.map((call) => call.inputs.length)).toEqual([3]);
      expect(await results(engine, ids)).toEqual(wanted);
    }
  });

  it('that two deliveries bring at the same time runs in one of them', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = (await enqueue(engine, inputs(definition))).map(({ taskId }) => taskId);
    const deliver = () => consume(engine, 'default', aBatch('default', [{ ids, task: 'test.push' }]));
    await Promise.all([deliver(), deliver()]);
    expect(calls.flatMap(({ ctx }) => ctx.members.map(({ id }) => id)).sort()).toEqual(ids.toSorted());
    expect(await results(engine, ids)).toEqual(wanted);
  });

  it('whose settling never lands runs again, each task alone, and a settling that comes too late changes nothing', async () => {
    const { definition } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = (await enqueue(engine, inputs(definition))).map(({ taskId }) => taskId);
    disturbDb(engine, (sql) => (isSettle(sql) ? 'before' : undefined));
    const batch = aBatch('default', [{ ids, task: 'test.push' }]);
    await consume(engine, 'default', batch);
    expect(batch.retried).toEqual([0]);
    const again = bulkPush();
    const healed = await makeEngine([again.definition]);
    healed.advance(3600);
    await sweep(healed);
    await healed.drain();
    expect(again.calls.map((call) => call.inputs.length)).toEqual([1, 1, 1]);
    expect(await results(healed, ids)).toEqual(wanted);
  });
});
