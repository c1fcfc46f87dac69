// Rate limits where messages come late, backlogs are long, and tasks are revoked in line.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { consume, enqueue, revokeTasks, sweep } from '../../../src/engine/manage.ts';
import { aBatch, makeEngine, rowOf } from '../../support/engine.ts';

/** Delivers each message `lateSeconds` after its delay is over; a sweep every ten minutes. How many had started in the end. */
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
  await env.DB.batch(['tasks', 'leases', 'sweeps'].map((t) => env.DB.prepare(`DELETE FROM ${t}`)));
});

describe('a rate limit', () => {
  it('works off a backlog of a minute where each message comes two seconds late', async () => {
    expect(await simulate('100/m', 100, 4, 1)).toBe(100);
  }, 200_000);
  it('of tens per second works off ten seconds of backlog where each message comes a second and a half late', async () => {
    expect(await simulate('10/s', 100, 1.5, 1)).toBe(100);
  }, 200_000);
  it('works off a backlog of 40 hours, delivered in time', async () => {
    expect(await simulate('1/h', 40, 0, 24 * 10)).toBe(40);
  }, 200_000);

  it('does not keep a task waiting for the slots of revoked ones', async () => {
    const definition = defineTask({
      name: 'test.limited2',
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
