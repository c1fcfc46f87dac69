// Which tasks of a rate-limited definition start, where messages are late, the line is long, or tasks are revoked in it.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { admit, hasLapsed, releaseSlots } from '../../../src/engine/limits/admit.ts';
import { consume, enqueue, revokeTasks, sweep } from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { aBatch, makeEngine, rowOf } from '../../support/engine.ts';

/** Delivers each message `lateSeconds` after its delay is over, with a sweep every ten minutes. Returns how many tasks started within the hours. */
async function simulate(rateLimit: string, tasks: number, lateSeconds: number, hours: number) {
  let started = 0;
  const definition = defineTask({
    name: 'test.limited',
    input: z.object({}),
    output: z.object({}),
    rateLimit,
    run: () => {
      started++;
      return {};
    },
  });
  const engine = await makeEngine([definition]);
  await enqueue(
    engine,
    Array.from({ length: tasks }, () => ({ definition, input: {} })),
  );
  await engine.idle();
  const held: { at: number; body: unknown }[] = [];
  const take = () =>
    held.push(
      ...engine.sent.default
        .splice(0)
        .map(({ body, delaySeconds }) => ({ at: engine.clock.now() + (delaySeconds + lateSeconds) * 1000, body })),
    );
  take();
  const from = engine.clock.now();
  let nextSweep = from + 600_000;
  while (started < tasks && engine.clock.now() - from < hours * 3600_000) {
    held.sort((a, b) => a.at - b.at);
    const next = Math.min(nextSweep, held[0]?.at ?? Infinity);
    engine.advance(Math.max(0, next - engine.clock.now()) / 1000);
    const now = engine.clock.now();
    if (now >= nextSweep) {
      await sweep(engine);
      nextSweep = now + 600_000;
    }
    const due = held.splice(0, held.filter(({ at }) => at <= now).length);
    if (due.length > 0)
      await consume(
        engine,
        'default',
        aBatch(
          'default',
          due.map(({ body }) => body),
        ),
      );
    await engine.idle();
    take();
  }
  return started;
}
beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'sweeps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('a rate limit', () => {
  it('starts a minute’s tasks though each message is four seconds late', async () => {
    expect(await simulate('100/m', 100, 4, 1)).toBe(100);
  }, 200_000);
  it('of ten a second starts ten seconds’ tasks though each message is 1.5 seconds late', async () => {
    expect(await simulate('10/s', 100, 1.5, 1)).toBe(100);
  }, 200_000);
  it('starts the tasks of 40 hours when each message is on time', async () => {
    expect(await simulate('1/h', 40, 0, 24 * 10)).toBe(40);
  }, 200_000);

  it('does not let a new task wait for the slots of revoked ones', async () => {
    const definition = defineTask({
      name: 'test.revoked',
      input: z.object({}),
      output: z.object({}),
      rateLimit: '100/m',
      run: () => ({}),
    });
    const engine = await makeEngine([definition]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 10_000 }, () => ({ definition, input: {} })),
    );
    await engine.deliver();
    engine.sent.default.splice(0);
    const ids = receipts.map(({ taskId }) => taskId);
    for (let at = 0; at < ids.length; at += 1000) await revokeTasks(engine, ids.slice(at, at + 1000));
    const [one] = await enqueue(engine, [{ definition, input: {} }]);
    await engine.deliver();
    const row = await rowOf(one!.taskId);
    expect((Number(row.due_at) - engine.clock.now()) / 1000).toBeLessThan(60);
  }, 60_000);
});

describe('admission', () => {
  const paced = defineTask({
    name: 'test.paced',
    input: z.object({}),
    output: z.object({}),
    rateLimit: '1/s',
    run: () => ({}),
  });
  const free = defineTask({ name: 'test.free', input: z.object({}), output: z.object({}), run: () => ({}) });
  const limited = (id: string, name = 'test.paced', returning = false) => ({ id, name, alone: false, returning });

  it('gives near slots, and delays the other tasks until their turn is likely', async () => {
    const engine = await makeEngine([paced]);
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push((await aTask({ name: 'test.paced', createdAt: 0 })).id);
    const now = engine.clock.now();
    const admitted = await admit(
      engine,
      'default',
      ids.map((id) => limited(id)),
    );
    expect(admitted.map(({ id, slot }) => [id, (slot ?? 0) - now])).toEqual([
      [ids[0], 0],
      [ids[1], 1050],
    ]);
    const rows = await Promise.all(ids.slice(2).map(rowOf));
    expect(rows.map(({ due_at }) => Number(due_at) - now)).toEqual([2100, 3150]);
    expect(engine.sent.default.map(({ body, delaySeconds }) => [body.ids, body.returning, delaySeconds])).toEqual([
      [[ids[2]], true, 3],
      [[ids[3]], true, 4],
    ]);
  });

  it('drops tasks that no longer wait, and asks for no slot for them', async () => {
    const engine = await makeEngine([paced]);
    const { id } = await aTask({ name: 'test.paced', state: 'REVOKED', createdAt: 1 });
    const reserve = vi.spyOn(engine.pacer, 'reserve');
    expect(await admit(engine, 'default', [limited(id)])).toEqual([]);
    expect(reserve).not.toHaveBeenCalled();
  });

  it('lets tasks of a definition without a rate pass as they are', async () => {
    const engine = await makeEngine([free]);
    const one = limited(crypto.randomUUID(), 'test.free');
    expect(await admit(engine, 'default', [one])).toEqual([one]);
  });

  it('asks once for new tasks of a definition, and once for those that return', async () => {
    const engine = await makeEngine([paced]);
    const tasks = [];
    for (let n = 0; n < 4; n++)
      tasks.push(limited((await aTask({ name: 'test.paced', createdAt: 0 })).id, 'test.paced', n % 2 === 0));
    const reserve = vi.spyOn(engine.pacer, 'reserve');
    await admit(engine, 'default', tasks);
    expect(reserve.mock.calls.map(([, { count, returning }]) => [count, returning])).toEqual([
      [2, true],
      [2, false],
    ]);
  });

  it('releases the slots of revoked tasks, by definition, and none of a definition without a rate', async () => {
    const engine = await makeEngine([paced, free]);
    const release = vi.spyOn(engine.pacer, 'release');
    releaseSlots(engine, [{ name: 'test.paced' }, { name: 'test.free' }, { name: 'test.paced' }]);
    await engine.idle();
    expect(release.mock.calls).toEqual([['test.paced', 2]]);
  });

  it('is too late for a slot after the tolerance', () => {
    const rate = { limit: 1, windowMs: 1000 };
    expect(hasLapsed({ slot: 1000 }, rate, 1050)).toBe(false);
    expect(hasLapsed({ slot: 1000 }, rate, 1051)).toBe(true);
    expect(hasLapsed({}, rate, 9999)).toBe(false);
  });
});
