// How many tasks a delivery claims, in which order, and when it stops.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Claimer } from '../../src/engine/claimer.ts';
import { Lost } from '../../src/engine/ending.ts';
import { chord, defineTask, group, PermanentFailure } from '../../src/engine/index.ts';
import { consume, enqueue, useEngine } from '../../src/engine/manage.ts';
import { Pool } from '../../src/engine/pool.ts';
import { noteQuery } from '../../src/engine/store/usage.ts';
import { aBatch, makeEngine, statesOf, type TestEngine } from '../support/engine.ts';
import { changeQueue } from '../support/queues.ts';
import { scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

async function enqueueSome(engine: TestEngine, count: number, input: object = {}): Promise<string[]> {
  const requests = Array.from({ length: count }, () => ({ definition: scripted, input }));
  const receipts = await enqueue(engine, requests);
  await engine.idle();
  engine.sent.default.splice(0);
  return receipts.map(({ taskId }) => taskId);
}

async function aClaimer(wanted: { ids?: string[]; alone?: string[] }, engine: TestEngine) {
  const pool = new Pool(engine);
  return { pool, claimer: new Claimer(engine, pool, 'default', crypto.randomUUID(), wanted) };
}

const countQueries = (engine: TestEngine) => engine.batches.reduce((sum, batch) => sum + batch.length, 0);

describe('a claimer', () => {
  it('claims no more than may run at once', async () => {
    const engine = await makeEngine([scripted]);
    changeQueue('default', { concurrency: 3, burst: 12 });
    const { pool, claimer } = await aClaimer({ ids: await enqueueSome(engine, 5, { do: ['hang'] }) }, engine);
    await claimer.claimNext();
    expect([pool.running, claimer.left]).toEqual([3, 2]);
    await claimer.claimNext();
    expect(pool.running).toBe(3);
    pool.abortAll(new Lost('the test is over'));
  });

  it('doubles its claim while all tasks end at once, up to the burst, and goes back when one does not', async () => {
    const engine = await makeEngine([scripted]);
    changeQueue('default', { concurrency: 2, burst: 8 });
    const ids = [...(await enqueueSome(engine, 22)), ...(await enqueueSome(engine, 9, { do: ['hang'] }))];
    const { pool, claimer } = await aClaimer({ ids }, engine);
    const claimed = [];
    for (let round = 0; round < 4; round++) {
      await claimer.claimNext();
      while (pool.running > 0) await scheduler.wait(1);
      claimed.push(pool.takeEnded().length);
      claimer.adapt();
    }
    expect(claimed).toEqual([2, 4, 8, 8]);
    await claimer.claimNext();
    expect(pool.running).toBe(8);
    claimer.adapt();
    const left = claimer.left;
    await claimer.claimNext();
    expect(claimer.left).toBe(left);
    pool.abortAll(new Lost('the test is over'));
  });

  it('claims tasks that crashed before one at a time, when no other task runs', async () => {
    const engine = await makeEngine([scripted]);
    const [plain, ...alone] = await enqueueSome(engine, 3, { do: ['hang'] });
    await env.DB.prepare('UPDATE tasks SET crashes = 1 WHERE id <> ?').bind(plain!).run();
    const { pool, claimer } = await aClaimer({ ids: [plain!], alone }, engine);
    await claimer.claimNext();
    await claimer.claimNext();
    expect([...pool.held.keys()]).toEqual([plain]);
    pool.held.get(plain!)?.abort(new Lost('enough'));
    while (pool.running > 0) await scheduler.wait(1);
    await claimer.claimNext();
    await claimer.claimNext();
    expect([...pool.held.keys()]).toEqual([alone[0]]);
    pool.abortAll(new Lost('the test is over'));
  });

  it('is spent when the time of its delivery is over, or its queries are used up', async () => {
    const engine = await makeEngine([scripted]);
    const { claimer } = await aClaimer({}, engine);
    expect(claimer.isSpent).toBe(false);
    noteQuery(engine, 601);
    expect(claimer.isSpent).toBe(true);
    const { claimer: second } = await aClaimer({}, engine);
    expect(second.isSpent).toBe(false);
    engine.advance(engine.settings.deliverySeconds + 1);
    expect(second.isSpent).toBe(true);
  });

  it('passes on what it has not claimed: other deliveries take it', async () => {
    const engine = await makeEngine([scripted]);
    const [id, crashed] = await enqueueSome(engine, 2);
    const { claimer } = await aClaimer({ ids: [id!], alone: [crashed!] }, engine);
    await claimer.passOn();
    await engine.idle();
    expect(claimer.left).toBe(0);
    expect(engine.sent.default.map(({ body }) => body)).toEqual([{ ids: [id] }, { ids: [crashed], alone: true }]);
  });

  it('reports a claim that failed, and claims nothing more', async () => {
    const engine = await makeEngine([scripted]);
    const ids = await enqueueSome(engine, 2);
    const { pool, claimer } = await aClaimer({ ids }, engine);
    engine.db = { prepare: env.DB.prepare.bind(env.DB), batch: () => Promise.reject(new Error('away')) } as never;
    await claimer.claimNext();
    expect([claimer.left, pool.running]).toEqual([0, 0]);
    expect(() => claimer.throwIfFailed()).toThrow('the database did not answer');
    expect(await statesOf(ids)).toEqual(['PENDING', 'PENDING']);
  });
});

describe('a delivery stays within the 1,000 queries of an invocation', () => {
  it('of 4,000 workflow members with a concurrency limit', async () => {
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
    const before = countQueries(engine);
    await consume(engine, 'default', aBatch('default', bodies));
    expect(countQueries(engine) - before).toBeLessThan(1000);
  }, 120_000);

  it('of 4,000 members without a limit', async () => {
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
    const before = countQueries(engine);
    await consume(engine, 'default', aBatch('default', bodies));
    expect(countQueries(engine) - before).toBeLessThan(1000);
  }, 120_000);
});
