// How tasks of a definition with batches wait for each other, and what that costs.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { consume, enqueue, pauseQueue, resumeQueue, revokeTasks, sweep } from '../../../src/engine/manage.ts';
import { bulkPush } from '../../support/bulk-push.ts';
import { aBatch, makeEngine, type Sent, statesOf, type TestEngine } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'leases', 'attempts', 'task_stats', 'paused_queues'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
});

const one = async (engine: TestEngine, definition: ReturnType<typeof bulkPush>['definition'], options = {}) => {
  const [receipt] = await enqueue(engine, [{ definition, input: {}, options }]);
  await engine.idle();
  return receipt!.taskId;
};
const many = (engine: TestEngine, definition: ReturnType<typeof bulkPush>['definition'], count: number) =>
  enqueue(
    engine,
    Array.from({ length: count }, () => ({ definition, input: {} })),
  );
const shapes = (sent: Sent[]) =>
  sent.map(({ body, delaySeconds }) => [body.ids.length, body.task, delaySeconds] as const);
const take = (engine: TestEngine, message: Sent | undefined) =>
  consume(engine, 'default', aBatch('default', message ? [message.body] : []));

describe('a task that waits for others', () => {
  it('has one message, delayed by the wait in whole seconds, which names the definition', async () => {
    const { definition } = bulkPush({ batch: { size: 10, waitMs: 1500 } });
    const engine = await makeEngine([definition]);
    await one(engine, definition);
    expect(shapes(engine.sent.default)).toEqual([[1, 'test.push', 2]]);
  });

  it('runs with all that have come meanwhile when the first message arrives; the other messages find nothing', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = [await one(engine, definition), await one(engine, definition), await one(engine, definition)];
    const [first, ...rest] = engine.sent.default.splice(0);
    engine.advance(2);
    await take(engine, first);
    expect(calls.map(({ ctx }) => ctx.members.map(({ id }) => id))).toEqual([ids]);
    const before = engine.batches.length;
    for (const message of rest) await take(engine, message);
    expect(calls).toHaveLength(1);
    const later = engine.batches.slice(before).flat();
    expect(later).toHaveLength(2);
    expect(later.reduce((sum, { meta }) => sum + meta.rows_written, 0)).toBe(0);
  });

  it('does not run early for a message whose own task runs already', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    await one(engine, definition);
    const [first] = engine.sent.default.splice(0);
    await take(engine, first);
    await one(engine, definition);
    await take(engine, first);
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([1]);
  });

  it('does not take along tasks that are not due, are elsewhere, or have crashed', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const id = await one(engine, definition);
    await one(engine, definition, { countdown: 60 });
    await one(engine, definition, { queue: 'low' });
    const crashed = await one(engine, definition);
    await env.DB.prepare('UPDATE tasks SET crashes = 1 WHERE id = ?').bind(crashed).run();
    await revokeTasks(engine, [await one(engine, definition)]);
    const [first] = engine.sent.default;
    engine.advance(2);
    await take(engine, first);
    expect(calls.map(({ ctx }) => ctx.members.map((member) => member.id))).toEqual([[id]]);
  });

  it('starts at once when it makes the batch full', async () => {
    const { definition, calls } = bulkPush({ batch: { size: 3, waitMs: 2000 } });
    const engine = await makeEngine([definition]);
    const ids = [await one(engine, definition), await one(engine, definition), await one(engine, definition)];
    expect(shapes(engine.sent.default)).toEqual([
      [1, 'test.push', 2],
      [1, 'test.push', 2],
      [3, 'test.push', 0],
    ]);
    await take(engine, engine.sent.default[2]);
    expect(calls.map(({ ctx }) => ctx.members.map(({ id }) => id))).toEqual([ids]);
  });

  it('starts at once with the earlier ones when a call of several fills the batch; the rest waits', async () => {
    const { definition, calls } = bulkPush({ batch: { size: 4, waitMs: 2000 } });
    const engine = await makeEngine([definition]);
    const early = [await one(engine, definition), await one(engine, definition)];
    engine.sent.default.splice(0);
    const receipts = await many(engine, definition, 7);
    await engine.idle();
    expect(shapes(engine.sent.default)).toEqual([
      [8, 'test.push', 0],
      [1, 'test.push', 2],
    ]);
    expect(engine.sent.default[0]?.body.ids).toEqual([...early, ...receipts.slice(0, 6).map(({ taskId }) => taskId)]);
    await take(engine, engine.sent.default[0]);
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([4, 4]);
  });

  it('starts though its own message is lost: the maintenance run repeats it, with all that wait', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = [await one(engine, definition), await one(engine, definition)];
    engine.sent.default.splice(0);
    engine.advance(60);
    await sweep(engine);
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([2]);
  });

  it('stays while its queue is paused, and starts when it resumes', async () => {
    const { definition } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = [await one(engine, definition), await one(engine, definition)];
    await pauseQueue(engine, 'default', 'a person');
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['PENDING', 'PENDING']);
    await resumeQueue(engine, 'default');
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('does not wait with waitMs 0, and still runs with those beside it', async () => {
    const { definition, calls } = bulkPush({ batch: { size: 10 } });
    const engine = await makeEngine([definition]);
    await one(engine, definition);
    await many(engine, definition, 3);
    await engine.idle();
    expect(shapes(engine.sent.default).map(([, , delay]) => delay)).toEqual([0, 0]);
    await engine.deliver();
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([4]);
  });

  it('waits in an invocation when it starts in the background: it runs at once, with those of its call', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    await enqueue(engine, [{ definition, input: {}, start: 'here' }]);
    await engine.idle();
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([1]);
    expect(engine.sent.default).toEqual([]);
  });
});

describe('limits', () => {
  it('a batch of n takes n of the rate: all of its tasks start at once, and the next n later', async () => {
    const starts: number[] = [];
    const { definition, calls } = bulkPush(
      { batch: { size: 5 }, rateLimit: '10/s' },
      () => void starts.push(engine.clock.now()),
    );
    const engine = await makeEngine([definition]);
    const receipts = await many(engine, definition, 20);
    for (let round = 0; round < 20; round++) {
      await engine.deliver();
      engine.advance(1);
    }
    await engine.drain();
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([5, 5, 5, 5]);
    const gaps = starts.slice(1).map((at, index) => at - starts[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });

  it('a batch holds no more tasks than the rate allows in its window', async () => {
    const { definition, calls } = bulkPush({ batch: { size: 100 }, rateLimit: '3/s' });
    const engine = await makeEngine([definition]);
    await many(engine, definition, 7);
    await engine.drain();
    expect(Math.max(...calls.map(({ inputs }) => inputs.length))).toBe(3);
  });

  it('each task of a batch takes a place of the concurrency limit', async () => {
    const { definition, calls } = bulkPush({ batch: { size: 100 }, concurrency: { limit: 4 } });
    const engine = await makeEngine([definition]);
    const receipts = await many(engine, definition, 10);
    await engine.drain();
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
    expect(Math.max(...calls.map(({ inputs }) => inputs.length))).toBe(4);
  });
});

it('batches run side by side: each takes one place of its queue', async () => {
  let atOnce = 0;
  let most = 0;
  const { definition, calls } = bulkPush({ batch: { size: 20 }, queue: 'email' }, async () => {
    most = Math.max(most, ++atOnce);
    await scheduler.wait(20);
    atOnce--;
  });
  const engine = await makeEngine([definition]);
  const receipts = await many(engine, definition, 300);
  await engine.deliver();
  expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
  expect(calls.map(({ inputs }) => inputs.length)).toEqual(Array(15).fill(20));
  expect(most).toBe(10);
});

describe('the cost', () => {
  const written = (engine: TestEngine) => engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_written, 0);
  const readRows = (engine: TestEngine) => engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);

  it('of a task in a bulk is no higher than that of a task alone', async () => {
    const { definition } = bulkPush({ batch: { size: 100, waitMs: 2000 } });
    const engine = await makeEngine([definition]);
    await env.DB.exec('DROP TRIGGER legal_transitions'); // the triggers of tests read rows too
    engine.batches.splice(0);
    await many(engine, definition, 2000);
    await engine.idle();
    const messages = engine.sent.default.length;
    await engine.deliver();
    expect(written(engine) / 2000).toBeLessThanOrEqual(7.1);
    expect(readRows(engine) / 2000).toBeLessThanOrEqual(10);
    expect(messages / 2000).toBeLessThanOrEqual(0.05);
    expect(engine.batches.length).toBeLessThanOrEqual(30);
  });

  it('of tasks enqueued one by one: at most 9 rows written and 1 message each; they share the round trips after the call', async () => {
    const { definition } = bulkPush({ batch: { size: 100, waitMs: 2000 } });
    const engine = await makeEngine([definition]);
    await env.DB.exec('DROP TRIGGER legal_transitions');
    engine.batches.splice(0);
    for (let n = 0; n < 50; n++) await one(engine, definition);
    expect(engine.batches.length).toBe(50);
    expect(engine.sent.default).toHaveLength(50);
    engine.advance(2);
    await engine.deliver();
    expect(written(engine) / 50).toBeLessThanOrEqual(7.2);
    expect(engine.batches.length).toBe(53); // find, claim, settle
    expect(readRows(engine) / 50).toBeLessThanOrEqual(120); // each call looks at the newest 100 at most
  });
});
