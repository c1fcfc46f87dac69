// The loop that runs tasks: all of a portion, side by side, until none is left or the time is up.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { enqueue } from '../../src/engine/manage.ts';
import { work } from '../../src/engine/work.ts';
import { claimAndDie, enqueueOne } from '../support/dying.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../support/engine.ts';
import { changeQueue } from '../support/queues.ts';
import { runsOf, scripted } from '../support/scripted.ts';

async function enqueueSome(engine: TestEngine, count: number, input: object = {}): Promise<string[]> {
  const ids = [];
  for (let n = 0; n < count; n++) ids.push(await enqueueOne(engine, input));
  await engine.idle();
  engine.sent.default.splice(0);
  return ids;
}

describe('work', () => {
  it('runs every task it is given to its end, whatever becomes of the others', async () => {
    const engine = await makeEngine([scripted]);
    const [good, bad, last] = [
      await enqueueOne(engine),
      await enqueueOne(engine, { do: ['fail'] }),
      await enqueueOne(engine),
    ];
    await work(engine, { queue: 'default', ids: [good, bad, last] });
    expect(await statesOf([good, bad, last])).toEqual(['SUCCESS', 'FAILURE', 'SUCCESS']);
  });

  it('runs as many tasks side by side as its queue allows, and no more', async () => {
    let running = 0;
    let most = 0;
    const slow = defineTask({
      name: 'test.slow',
      input: z.object({}),
      output: z.object({}),
      async run() {
        most = Math.max(most, ++running);
        await scheduler.wait(30);
        running--;
        return {};
      },
    });
    changeQueue('default', { concurrency: 4, burst: 4 });
    const engine = await makeEngine([slow]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 12 }, () => ({ definition: slow, input: {} })),
    );
    await work(engine, { queue: 'default', ids: receipts.map(({ taskId }) => taskId) });
    expect(most).toBe(4);
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
  });

  it('settles tasks that ended together in one batch', async () => {
    const engine = await makeEngine([scripted]);
    const ids = await enqueueSome(engine, 20);
    engine.batches.splice(0);
    await work(engine, { queue: 'default', ids });
    expect(new Set(await statesOf(ids))).toEqual(new Set(['SUCCESS']));
    expect(engine.batches.length).toBeLessThanOrEqual(4);
  });

  it('starts tasks that are held already first, under their lease, and by the handler it is given', async () => {
    const engine = await makeEngine([scripted]);
    const [id] = await enqueueSome(engine, 1, { do: ['fail'] });
    const { tasks, leaseId } = await claimAndDie(engine, [id!]);
    const handler = { ...scripted.handler, run: () => ({ attempt: 7 }) };
    await work(engine, { queue: 'default', claimed: { tasks, leaseId }, handler });
    expect(await rowOf(id!)).toMatchObject({ state: 'SUCCESS', result: '{"attempt":7}', fence: 1 });
    expect(runsOf(id!)).toEqual([]);
  });

  it('stops tasks when its time is up: they go to the queue, and use up no retry', async () => {
    const engine = await makeEngine([scripted]);
    const [id] = await enqueueSome(engine, 1, { do: ['ignore'] });
    await work(engine, { queue: 'default', ids: [id!], stopAfterSeconds: 0.1 });
    await engine.idle();
    expect(await rowOf(id!)).toMatchObject({ state: 'RETRY', attempt: 0 });
    expect(engine.sent.default.map(({ body }) => body.ids)).toEqual([[id]]);
  });

  it('passes tasks on when the time of its delivery is over', async () => {
    const engine = await makeEngine([scripted]);
    changeQueue('default', { concurrency: 1, burst: 1 });
    const ids = await enqueueSome(engine, 3, { do: ['hang'] });
    const working = work(engine, { queue: 'default', ids });
    await vi.waitFor(() => expect(runsOf(ids[0]!)).toHaveLength(1));
    engine.advance(engine.settings.deliverySeconds + 1);
    await working;
    await engine.idle();
    expect(await statesOf(ids)).toEqual(['RETRY', 'PENDING', 'PENDING']);
    expect(engine.sent.default.flatMap(({ body }) => body.ids)).toEqual(expect.arrayContaining(ids.slice(1)));
  });

  it('gives its lease back only when each of its tasks is settled', async () => {
    const engine = await makeEngine([scripted]);
    const leases = () => env.DB.prepare('SELECT count(*) AS n FROM leases').first<number>('n');
    await work(engine, { queue: 'default', ids: await enqueueSome(engine, 1) });
    const before = await leases();
    await work(engine, { queue: 'default', ids: await enqueueSome(engine, 1) });
    expect(await leases()).toBe(before);
  });
});
