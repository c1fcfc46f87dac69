// What meets seldom: circuits, poisoned tasks, background and pauses, each with the rest.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { consume, defineTask, enqueue, guard, pause, startInBackground, sweep } from '../../src/engine/index.ts';
import { claimTasks } from '../../src/engine/store/claim-tasks.ts';
import { makeEngine, rowOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'schedules', 'task_keys', 'leases', 'circuits', 'paused_queues', 'sweeps'].map((t) =>
      env.DB.prepare(`DELETE FROM ${t}`),
    ),
  );
});

describe('more', () => {
  it('an answer that is no fault closes the circuit', async () => {
    const engine = await makeEngine([]);
    engine.settings.circuit = { faults: 2, probeSeconds: 30 };
    const down = async () => {
      throw new Error('down');
    };
    for (let i = 0; i < 2; i++) await guard(engine, 'api', down).catch(() => {});
    engine.advance(31);
    await guard(
      engine,
      'api',
      async () => {
        throw new Error('422 bad address');
      },
      (e) => !String(e).includes('422'),
    ).catch(() => {});
    await expect(guard(engine, 'api', async () => 'fine')).resolves.toBe('fine');
  });

  it('a poisoned task frees its place for who waits', async () => {
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

  it('background() of a debounced task rings for the one it moved forward', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: 'k', forSeconds: 3600 * 24, onConflict: 'replace' as const };
    await enqueue(engine, [{ definition: scripted, input: {}, options: { unique, countdown: 7200 } }]);
    await engine.idle();
    engine.sent.default.splice(0);
    const receipt = await startInBackground(engine, { definition: scripted, input: { value: 1 }, options: { unique } });
    await engine.idle();
    expect(receipt.duplicate).toBe(true);
    expect(engine.sent.default.length).toBeGreaterThan(0);
  });

  it('a repeated request with an idempotency key does not put off a debounced task', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: 'k', forSeconds: 3600, onConflict: 'replace' as const };
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: 'i', countdown: 10 } };
    const [first] = await enqueue(engine, [request]);
    const due = (await rowOf(first!.taskId)).due_at;
    engine.advance(9);
    await enqueue(engine, [request]);
    expect((await rowOf(first!.taskId)).due_at).toBe(due);
  });

  it('a paused lane does not keep the sweep from the others', async () => {
    const engine = await makeEngine([scripted]);
    await enqueue(
      engine,
      Array.from({ length: 10_000 }, () => ({ definition: scripted, input: {}, options: { queue: 'low' as const } })),
    );
    await enqueue(
      engine,
      Array.from({ length: 1000 }, () => ({ definition: scripted, input: {}, options: { queue: 'low' as const } })),
    );
    await pause(engine, 'low');
    engine.advance(1);
    await enqueue(engine, [{ definition: scripted, input: {} }]);
    await engine.idle();
    engine.sent.default.splice(0);
    engine.sent.low.splice(0);
    engine.advance(600);
    engine.batches.length = 0;
    await sweep(engine);
    expect(engine.sent.default.length).toBe(1);
  }, 60_000);
  void consume;
});
