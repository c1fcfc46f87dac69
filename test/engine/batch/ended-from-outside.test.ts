// Batches that are ended from outside: a task is revoked, or the isolate dies.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { findTask, revokeTasks, sweep } from '../../../src/engine/manage.ts';
import { bulkPush, push, to } from '../../support/bulk-push.ts';
import { claimAndDie } from '../../support/dying.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'attempts'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('a task that is revoked while its batch runs', () => {
  it('is told alone; the others end as they would', async () => {
    const started = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const { definition, calls } = bulkPush({}, async () => {
      started.resolve();
      await go.promise;
    });
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(3));
    const delivered = engine.deliver();
    await started.promise;
    const { ctx } = calls[0]!;
    const revoked = ctx.members[1]!.signal;
    const news = new Promise((resolve) => revoked.addEventListener('abort', resolve));
    await revokeTasks(engine, [ids[1]!]);
    await news; // brought by the heartbeat
    expect([ctx.signal.aborted, ctx.members[0]!.signal.aborted]).toEqual([false, false]);
    go.resolve();
    await delivered;
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'REVOKED', 'SUCCESS']);
  }, 20_000);

  it('aborts the signal of the batch when no other is left', async () => {
    const started = Promise.withResolvers<void>();
    const { definition, calls } = bulkPush({}, async ({ ctx }) => {
      started.resolve();
      await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
    });
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(2));
    const delivered = engine.deliver();
    await started.promise;
    await revokeTasks(engine, ids);
    await delivered;
    expect(calls[0]?.ctx.signal.aborted).toBe(true);
    expect(await statesOf(ids)).toEqual(['REVOKED', 'REVOKED']);
  }, 20_000);
});

describe('a batch whose isolate dies', () => {
  it('runs its tasks alone the next time, so that only the guilty one is quarantined', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(4));
    await engine.idle();
    engine.sent.default.splice(0);
    expect((await claimAndDie(engine, ids)).tasks).toHaveLength(4);
    engine.advance(engine.settings.leaseSeconds + 1);
    await sweep(engine);
    await engine.idle();
    const guilty = ids[2]!;
    expect(engine.sent.default.map(({ body }) => [body.ids.length, body.alone, body.task])).toEqual(
      ids.map(() => [1, true, 'test.push']),
    );
    engine.sent.default = engine.sent.default.filter(({ body }) => body.ids[0] !== guilty) as never;
    for (let crash = 1; crash < engine.settings.maxCrashes; crash++) {
      expect((await claimAndDie(engine, [guilty], true)).tasks).toHaveLength(1);
      engine.advance(engine.settings.leaseSeconds + 1);
      await sweep(engine);
    }
    await engine.drain();
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'FAILURE', 'SUCCESS']);
    expect((await findTask(engine, guilty)).error?.code).toBe('poisoned');
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([1, 1, 1]);
  });
});
