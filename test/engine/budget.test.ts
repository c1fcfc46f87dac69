// What D1 bounds and local D1 does not: 1,000 queries an invocation, 2 MB a parameter; and revocations in the middle of things.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { chord, defineTask, group, PermanentFailure } from '../../src/engine/index.ts';
import { consume, createSchedule, enqueue, makeEager, revokeTask, sweep, useEngine } from '../../src/engine/manage.ts';
import { retryByFilter } from '../../src/tasks/index.ts';
import { aContext } from '../support/context.ts';
import { aBatch, makeEngine, rowOf, statesOf, type TestEngine } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'schedules', 'task_keys', 'leases', 'workflows', 'workflow_tasks', 'edges'].map((t) =>
      env.DB.prepare(`DELETE FROM ${t}`),
    ),
  );
});
const queries = (engine: TestEngine) => engine.batches.reduce((sum, batch) => sum + batch.length, 0);

/** The largest parameter bound, in bytes. */
function spyParameters(engine: TestEngine) {
  const seen = { most: 0, sql: '' };
  const { db } = engine;
  engine.db = new Proxy(db, {
    get(target, property) {
      if (property !== 'prepare') return Reflect.get(target, property);
      return (sql: string) => {
        const statement = target.prepare(sql);
        const bind = statement.bind.bind(statement);
        statement.bind = (...values: unknown[]) => {
          for (const v of values)
            if (typeof v === 'string' && v.length > seen.most) {
              seen.most = v.length;
              seen.sql = sql;
            }
          return bind(...values);
        };
        return statement;
      };
    },
  });
  return seen;
}

describe('limits of D1', () => {
  it('10,000 tasks with long idempotency keys: parameters stay under 2 MB', async () => {
    const engine = await makeEngine([scripted]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 10_000 }, (_, i) => ({
        definition: scripted,
        input: {},
        options: { idempotencyKey: `${'k'.repeat(240)}${i}` },
      })),
    );
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);
  it('10,000 debounced tasks: parameters stay under 2 MB', async () => {
    const engine = await makeEngine([scripted]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 10_000 }, (_, i) => ({
        definition: scripted,
        input: { value: 'x'.repeat(100) },
        options: { unique: { key: `${i}`, forSeconds: 60, onConflict: 'replace' as const } },
      })),
    );
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);
  it('settling 500 large results: parameters stay under 2 MB', async () => {
    const keyed = defineTask({ name: 'test.k', input: z.object({}), output: z.object({}), run: () => ({}) });
    const engine = await makeEngine([scripted, keyed]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 500 }, () => ({ definition: scripted, input: { value: 'x'.repeat(30_000) } })),
    );
    await engine.deliver();
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);
  it('schedules that catch up all: parameters stay under 2 MB', async () => {
    const engine = await makeEngine([scripted]);
    for (let i = 0; i < 60; i++)
      await createSchedule(engine, `a-schedule-number-${i}`, { task: 'test.scripted', every: 60, catchup: 'all' });
    engine.advance(86_400);
    const seen = spyParameters(engine);
    await sweep(engine);
    expect(seen.most).toBeLessThan(2_000_000);
  }, 120_000);

  it('tasks.retry of 1,000 failed workflows stays within 1,000 queries', async () => {
    const engine = await makeEngine([scripted, retryByFilter]);
    useEngine(engine);
    const ids: string[] = [];
    for (let i = 0; i < 300; i++) ids.push((await group([scripted.s({ do: ['fail'] })]).enqueue()).workflowId);
    for (let i = 0; i < 6; i++) await engine.deliver();
    engine.advance(5);
    await enqueue(engine, [{ definition: retryByFilter, input: { filter: { status: 'FAILURE' } } }]);
    await engine.idle();
    const before = queries(engine);
    const [message] = engine.sent.high.splice(0);
    await consume(engine, 'high', aBatch('high', [message!.body]));
    expect(queries(engine) - before).toBeLessThan(1000);
  }, 120_000);

  it('a delivery stays within 1,000 queries', async () => {
    const member = defineTask({
      name: 'test.member',
      input: z.object({ n: z.number() }),
      output: z.object({}),
      concurrency: { limit: 50 },
      retry: { max: 0 },
      async run({ n }) {
        await scheduler.wait(5 + ((n * 7) % 150));
        if (n % 2) throw new PermanentFailure('x');
        return {};
      },
    });
    const done = defineTask({ name: 'test.done', input: z.object({}), output: z.object({}), run: () => ({}) });
    const engine = await makeEngine([member, done]);
    useEngine(engine);
    await chord(
      Array.from({ length: 4000 }, (_, n) => member.s({ n })),
      done.s() as never,
      { onChildFailure: 'continue' },
    ).enqueue();
    await engine.idle();
    const bodies = engine.sent.default.splice(0).map(({ body }) => body);
    const before = queries(engine),
      _b0 = engine.batches.length,
      _at = Date.now();
    await consume(engine, 'default', aBatch('default', bodies));
    expect(queries(engine) - before).toBeLessThan(1000);
  }, 120_000);

  it('a delivery of plain tasks stays within 1,000 queries', async () => {
    const member = defineTask({
      name: 'test.member',
      input: z.object({ n: z.number() }),
      output: z.object({}),
      retry: { max: 0 },
      async run({ n }) {
        await scheduler.wait(5 + ((n * 7) % 150));
        if (n % 2) throw new PermanentFailure('x');
        return {};
      },
    });
    const engine = await makeEngine([member]);
    useEngine(engine);
    await group(Array.from({ length: 4000 }, (_, n) => member.s({ n }))).enqueue();
    await engine.idle();
    const bodies = engine.sent.default.splice(0).map(({ body }) => body);
    const before = queries(engine),
      _b0 = engine.batches.length,
      _at = Date.now();
    await consume(engine, 'default', aBatch('default', bodies));
    expect(queries(engine) - before).toBeLessThan(1000);
  }, 120_000);
});

describe('others', () => {
  it('eager mode ends although a task snoozes until something happens', async () => {
    let n = 0;
    const poll = defineTask({
      name: 'test.poll',
      input: z.object({}),
      output: z.object({}),
      run: (_, ctx) => {
        if (++n > 300) throw new PermanentFailure('ran 300 times');
        return ctx.snooze({ for: 60 });
      },
    });
    const eager = makeEager(await makeEngine([poll]));
    const [_r] = await enqueue(eager, [{ definition: poll, input: {} }]);
    expect(n).toBeLessThan(300);
  }, 60_000);

  it('a task revoked while it waits for its slot does not run', async () => {
    const ran: string[] = [];
    const definition = defineTask({
      name: 'test.paced',
      input: z.object({}),
      output: z.object({}),
      rateLimit: '1/s',
      run: (_, { id }) => {
        ran.push(id);
        return {};
      },
    });
    const engine = await makeEngine([definition]);
    const waits: (() => void)[] = [];
    engine.clock.wait = () =>
      new Promise((resolve) => {
        waits.push(resolve as () => void);
      });
    const receipts = await enqueue(
      engine,
      [0, 1].map(() => ({ definition, input: {} })),
    );
    const ids = receipts.map((r) => r.taskId);
    const working = engine.deliver();
    await vi.waitFor(async () => expect((await statesOf(ids))[1]).toBe('STARTED'), 5000);
    await revokeTask(engine, ids[1]!);
    await working; // the heartbeat brings the news
    expect((await rowOf(ids[1]!)).state).toBe('REVOKED');
    expect(ran).not.toContain(ids[1]);
  }, 20_000);

  it('tasks.retry run twice runs a workflow again once', async () => {
    const engine = await makeEngine([scripted, retryByFilter]);
    useEngine(engine);
    const { taskIds } = await group([scripted.s({ do: ['fail'] })]).enqueue();
    for (let i = 0; i < 4; i++) await engine.deliver();
    engine.advance(5);
    const ctx = aContext(engine);
    await retryByFilter.handler.run({ filter: { name: 'test.scripted' }, done: 0 }, ctx);
    engine.advance(5);
    for (let i = 0; i < 4; i++) await engine.deliver();
    await retryByFilter.handler.run({ filter: { name: 'test.scripted' }, done: 0 }, ctx); // after a crash
    for (let i = 0; i < 4; i++) await engine.deliver();
    expect(runsOf(taskIds[0]!)).toHaveLength(2);
  });
});
