// Concurrency limits: at most `limit` tasks with one concurrency key run at once; the others wait, and start in the end.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, findTask, revokeTask, sweep } from '../../../src/engine/manage.ts';
import { claimTasks } from '../../../src/engine/store/claim-tasks.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';

function limited(limit: number, keyed = true) {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const together = { now: 0, most: 0 };
  const definition = defineTask({
    name: 'test.limited',
    input: z.object({ tenant: z.string(), hangs: z.boolean().default(false) }),
    output: z.object({}),
    concurrency: { limit, ...(keyed && { key: ({ tenant }: { tenant: string }) => tenant }) },
    async run({ tenant, hangs }, { signal }) {
      const now = (running.get(tenant) ?? 0) + 1;
      running.set(tenant, now);
      most.set(tenant, Math.max(most.get(tenant) ?? 0, now));
      together.most = Math.max(together.most, ++together.now);
      if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      await scheduler.wait(1);
      running.set(tenant, (running.get(tenant) ?? 1) - 1);
      together.now--;
      return {};
    },
  });
  return { definition, most, together };
}

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM tasks').run();
});

describe('a concurrency limit', () => {
  it('runs at most `limit` tasks of a concurrency key at once, and all of them in the end', async () => {
    const { definition, most } = limited(3);
    const engine = await makeEngine([definition]);
    const inputs = Array.from({ length: 60 }, (_, index) => ({ tenant: index % 3 === 0 ? 'a' : 'b' }));
    const receipts = await enqueue(
      engine,
      inputs.map((input) => ({ definition, input })),
    );
    for (let round = 0; round < 40; round++) await engine.deliver();
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
    expect(Object.fromEntries(most)).toEqual({ a: 3, b: 3 });
  });

  it('is shared by all tasks of a definition that has no concurrency key', async () => {
    const { definition, together } = limited(1, false);
    const engine = await makeEngine([definition]);
    const receipts = await enqueue(
      engine,
      ['a', 'b', 'c'].map((tenant) => ({ definition, input: { tenant } })),
    );
    for (let round = 0; round < 5; round++) await engine.deliver();
    expect(await statesOf(receipts.map(({ taskId }) => taskId))).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(together.most).toBe(1);
  });

  it('holds over isolates: the claim counts the tasks that run anywhere', async () => {
    const { definition } = limited(2);
    const engine = await makeEngine([definition]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 9 }, () => ({ definition, input: { tenant: 'x' } })),
    );
    const ids = receipts.map(({ taskId }) => taskId);
    const now = engine.clock.now();
    const claims = await Promise.all(
      [0, 3, 6].map((at) =>
        claimTasks(engine, {
          queue: 'default',
          ids: ids.slice(at, at + 3),
          leaseId: crypto.randomUUID(),
          running: [],
          alone: false,
          dueBy: now,
          now,
          limited: { places: 2, slots: new Map() },
        }),
      ),
    );
    expect(claims.flat()).toHaveLength(2);
  });

  it('gives back the places of a dead invocation when its lease runs out', async () => {
    const { definition } = limited(1);
    const engine = await makeEngine([definition]);
    const receipts = await enqueue(
      engine,
      ['x', 'x'].map((tenant) => ({ definition, input: { tenant } })),
    );
    const [first = '', second = ''] = receipts.map(({ taskId }) => taskId);
    const now = engine.clock.now();
    await claimTasks(engine, {
      queue: 'default',
      ids: [first],
      leaseId: crypto.randomUUID(),
      running: [],
      alone: false,
      dueBy: now,
      now,
      limited: { places: 1, slots: new Map() },
    });
    await engine.deliver();
    expect(await statesOf([first, second])).toEqual(['STARTED', 'PENDING']);
    engine.advance(60);
    for (let round = 0; round < 4; round++) {
      await sweep(engine);
      await engine.deliver();
      engine.advance(60);
    }
    expect(await statesOf([first, second])).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('starts a waiting task when a running one is revoked', async () => {
    const { definition } = limited(1);
    const engine = await makeEngine([definition]);
    const [first] = await enqueue(engine, [{ definition, input: { tenant: 'x', hangs: true } }]);
    const [second] = await enqueue(engine, [{ definition, input: { tenant: 'x' } }]);
    const now = engine.clock.now();
    await claimTasks(engine, {
      queue: 'default',
      ids: [first!.taskId],
      leaseId: crypto.randomUUID(),
      running: [],
      alone: false,
      dueBy: now,
      now,
      limited: { places: 1, slots: new Map() },
    });
    await engine.deliver();
    await revokeTask(engine, first!.taskId);
    await engine.deliver();
    expect((await findTask(engine, second!.taskId)).state).toBe('SUCCESS');
  });

  it('holds for messages that do not say that their tasks are limited', async () => {
    const { definition, most } = limited(1);
    const engine = await makeEngine([definition]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 5 }, () => ({ definition, input: { tenant: 'x' } })),
    );
    await engine.idle();
    engine.sent.default.splice(0, 99, { body: { ids: receipts.map(({ taskId }) => taskId) }, delaySeconds: 0 });
    for (let round = 0; round < 8; round++) await engine.deliver();
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
    expect(most.get('x')).toBe(1);
  });

  it('gives the place of a poisoned task to a waiting one', async () => {
    const hang = defineTask({
      name: 'test.limited',
      input: z.object({}),
      output: z.object({}),
      concurrency: { limit: 1 },
      run: () => ({}),
    });
    const engine = await makeEngine([hang]);
    engine.settings.maxCrashes = 1;
    const [a = '', b = ''] = (
      await enqueue(
        engine,
        [0, 1].map(() => ({ definition: hang, input: {} })),
      )
    ).map((r) => r.taskId);
    await engine.idle();
    engine.sent.default.splice(0);
    const leaseId = crypto.randomUUID();
    const now = engine.clock.now();
    await claimTasks(engine, {
      queue: 'default',
      ids: [a],
      leaseId,
      running: [],
      alone: false,
      dueBy: now,
      now,
      limited: { places: 1, slots: new Map() },
    });
    for (let minute = 0; minute < 20; minute++) {
      // it lives and is renewed
      await env.DB.prepare('UPDATE leases SET until = ?1')
        .bind(engine.clock.now() + 90_000)
        .run();
      engine.advance(60);
      await sweep(engine);
      await engine.deliver();
    }
    engine.advance(91); // it dies
    let minutes = 0;
    for (; minutes < 30; minutes++) {
      await sweep(engine);
      await engine.deliver();
      if ((await rowOf(b)).state === 'SUCCESS') break;
      engine.advance(60);
    }
    expect(minutes).toBeLessThan(3);
  });
});
