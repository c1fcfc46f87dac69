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
