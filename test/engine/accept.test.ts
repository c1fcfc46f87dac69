// The one way in: which queue, which row, and what a lost answer does.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { enqueue, listTasks } from '../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const many = (count: number, options = {}) =>
  Array.from({ length: count }, () => ({ definition: scripted, input: {}, options }));

describe('an accepted task', () => {
  it('goes into the queue of its definition, of its priority, or the one that the call names', async () => {
    const engine = await makeEngine([scripted]);
    const queues = [];
    for (const options of [{}, { priority: 'high' }, { priority: 'low', queue: 'files' }]) {
      const [receipt] = await enqueue(engine, many(1, options));
      queues.push((await rowOf(receipt!.taskId)).queue);
    }
    expect(queues).toEqual(['default', 'high', 'files']);
  });

  it('has its own options, also where others of the same call have different ones', async () => {
    const engine = await makeEngine([scripted]);
    const [a, b, c] = await enqueue(engine, [
      ...many(1, { expires: 60, tags: ['x', 'y'] }),
      ...many(1),
      ...many(1, { countdown: 30, maxRetries: 0, queue: 'low' }),
    ]);
    const rows = await Promise.all([a!, b!, c!].map(({ taskId }) => rowOf(taskId)));
    const now = engine.clock.now();
    expect(rows.map((row) => [row.expires_at, row.tags, row.due_at, row.max_retries, row.queue])).toEqual([
      [now + 60_000, '["x","y"]', now, 3, 'default'],
      [null, null, now, 3, 'default'],
      [null, null, now + 30_000, 0, 'low'],
    ]);
    const tagged = await listTasks(engine, { tag: 'y' }, { limit: 10, before: undefined });
    expect(tagged.map(({ id }) => id)).toEqual([a!.taskId]);
  });

  it('exists once when D1 committed it and its answer was lost', async () => {
    const engine = await makeEngine([scripted]);
    const { batch } = engine.db;
    let calls = 0;
    engine.db = Object.assign(Object.create(engine.db) as D1Database, {
      prepare: env.DB.prepare.bind(env.DB),
      async batch(statements: D1PreparedStatement[]) {
        const results = await batch.call(env.DB, statements);
        if (++calls === 1) throw new Error('D1_ERROR: Network connection lost.');
        return results;
      },
    });
    const [receipt] = await enqueue(engine, many(1));
    expect(calls).toBe(2);
    expect(await statesOf([receipt!.taskId])).toEqual(['PENDING']);
  });
});

describe('calls at the same time', () => {
  const plain = { definition: scripted, input: {} };

  it('are committed together, and send one message', async () => {
    const engine = await makeEngine([scripted]);
    const receipts = (await Promise.all(Array.from({ length: 50 }, () => enqueue(engine, [plain])))).flat();
    await engine.idle();
    expect(engine.batches.length).toBe(2);
    expect(engine.sent.default.length).toBe(2);
    const ids = receipts.map(({ taskId }) => taskId);
    expect(new Set(ids).size).toBe(50);
    expect(engine.sent.default.flatMap(({ body }) => body.ids).toSorted()).toEqual(ids.toSorted());
    expect(new Set(await statesOf(ids))).toEqual(new Set(['PENDING']));
  });

  it('get their own duplicates and refusals, and spoil no other call', async () => {
    const engine = await makeEngine([scripted]);
    const keyed = (value: number) => ({ ...plain, input: { value }, options: { idempotencyKey: 'the same' } });
    const calls = [plain, keyed(1), keyed(1), keyed(2), plain].map((request) => enqueue(engine, [request]));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[3]).toMatchObject({ reason: { code: 'idempotency_conflict' } });
    const [first, second] = await Promise.all([calls[1]!, calls[2]!]);
    expect(first[0]!.taskId).toBe(second[0]!.taskId);
    expect([first[0]!.duplicate, second[0]!.duplicate].toSorted()).toEqual([false, true]);
  });

  it('are refused together, and not made again, when D1 does not say whether they were committed', async () => {
    const engine = await makeEngine([scripted]);
    engine.db = Object.assign(Object.create(engine.db) as D1Database, {
      prepare: env.DB.prepare.bind(env.DB),
      async batch() {
        await scheduler.wait(5);
        throw new Error('D1_ERROR: D1 DB is overloaded.');
      },
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => enqueue(engine, [plain])));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'store_unavailable' } });
  });
});
