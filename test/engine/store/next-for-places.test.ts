// The tasks that start when a place becomes free: with crashes, pauses, workflows and definitions that got their limit later.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ClaimedTask } from '../../../src/engine/claimed-task.ts';
import { announce } from '../../../src/engine/doorbell.ts';
import { defineTask, group } from '../../../src/engine/index.ts';
import {
  consume,
  enqueue,
  pauseQueue,
  retryTask,
  revokeWorkflow,
  sweep,
  useEngine,
} from '../../../src/engine/manage.ts';
import { claimTasks } from '../../../src/engine/store/claim-tasks.ts';
import { settleTasks } from '../../../src/engine/store/settle-tasks.ts';
import { aSettlement } from '../../support/dying.ts';
import { aBatch, makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';

function limited(limit: number, keyed = true) {
  const definition = defineTask({
    name: 'test.limited',
    input: z.object({ tenant: z.string(), hangs: z.boolean().default(false) }),
    output: z.object({}),
    concurrency: { limit, ...(keyed && { key: ({ tenant }: { tenant: string }) => tenant }) },
    async run({ hangs }, { signal }) {
      if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return {};
    },
  });
  return { definition };
}
const claim = (
  engine: TestEngine,
  ids: string[],
  places = 1,
  queue: 'default' | 'low' | 'high' = 'default',
  alone = false,
) =>
  claimTasks(engine, {
    queue,
    ids,
    leaseId: crypto.randomUUID(),
    running: [],
    alone,
    dueBy: engine.clock.now(),
    now: engine.clock.now(),
    limited: { places, slots: new Map() },
  });
const settle = async (engine: TestEngine, t: ClaimedTask) => {
  const released = await settleTasks(engine, [
    { ...aSettlement(t), name: 'test.limited', concurrencyKey: t.concurrencyKey },
  ]);
  await announce(engine, released);
  await engine.idle();
};
beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases'].map((t) => env.DB.prepare(`DELETE FROM ${t}`)));
});

describe('a place that becomes free', () => {
  it('starts one waiting task each, when two become free one after the other', async () => {
    const { definition } = limited(2);
    const engine = await makeEngine([definition]);
    const ids = (
      await enqueue(
        engine,
        Array.from({ length: 4 }, () => ({ definition, input: { tenant: 'x' } })),
      )
    ).map((r) => r.taskId);
    await engine.idle();
    engine.sent.default.splice(0);
    const running = await claim(engine, ids.slice(0, 2), 2);
    expect(running).toHaveLength(2);
    for (const t of running) await settle(engine, t);
    const rung = engine.sent.default.splice(0).flatMap(({ body }) => body.ids);
    expect(new Set(rung).size).toBe(2);
  });

  it('starts a task that waits after a crash', async () => {
    const { definition } = limited(1);
    const engine = await makeEngine([definition]);
    const [a = '', b = ''] = (
      await enqueue(
        engine,
        Array.from({ length: 2 }, () => ({ definition, input: { tenant: 'x' } })),
      )
    ).map((r) => r.taskId);
    await engine.idle();
    engine.sent.default.splice(0);
    await claim(engine, [a]); // Its invocation dies.
    engine.advance(60);
    await sweep(engine); // The task is RETRY with one crash, and its message says that it runs alone.
    await engine.idle();
    const rings = engine.sent.default.splice(0);
    const [bt] = await claim(engine, [b]); // The other task takes the place first.
    engine.sent.default.push(...rings);
    await engine.deliver();
    await settle(engine, bt!);
    for (let round = 0; round < 10; round++) await engine.deliver();
    expect(await statesOf([a, b])).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('starts other tasks of the concurrency key while one waits in a paused queue', async () => {
    const { definition } = limited(1);
    const engine = await makeEngine([definition]);
    await enqueue(engine, [{ definition, input: { tenant: 'x' }, options: { queue: 'low' } }]);
    engine.advance(1);
    const ids = (
      await enqueue(
        engine,
        Array.from({ length: 3 }, () => ({ definition, input: { tenant: 'x' } })),
      )
    ).map((r) => r.taskId);
    await pauseQueue(engine, 'low');
    for (let round = 0; round < 10; round++) await engine.deliver();
    await env.DB.prepare('DELETE FROM paused_queues').run();
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
  });

  it('starts a waiting task when a workflow is revoked', async () => {
    const { definition } = limited(1);
    const engine = await makeEngine([definition]);
    useEngine(engine);
    const { workflowId, taskIds } = await group([definition.s({ tenant: 'x' })]).enqueue();
    await engine.idle();
    engine.sent.default.splice(0);
    await claim(engine, taskIds);
    const [waiting] = await enqueue(engine, [{ definition, input: { tenant: 'x' } }]);
    await engine.deliver();
    await revokeWorkflow(engine, workflowId);
    await engine.deliver();
    expect((await rowOf(waiting!.taskId)).state).toBe('SUCCESS');
  });

  it('is not needed by tasks from before their definition had a limit', async () => {
    const before = defineTask({
      name: 'test.limited',
      input: z.object({ tenant: z.string() }),
      output: z.object({}),
      run: () => ({}),
    });
    const earlier = await makeEngine([before]);
    const ids = (
      await enqueue(
        earlier,
        Array.from({ length: 20 }, () => ({ definition: before, input: { tenant: 'x' } })),
      )
    ).map((r) => r.taskId);
    await earlier.idle();
    const { definition } = limited(2);
    const engine = await makeEngine([definition]);
    engine.sent.default.push(...earlier.sent.default);
    for (let round = 0; round < 30; round++) await engine.deliver();
    const states = await statesOf(ids);
    expect(states.every((s) => s === 'SUCCESS')).toBe(true);
  });

  it('does not start a task that was moved to a paused queue by hand', async () => {
    const { definition } = limited(1);
    const plain = defineTask({ name: 'test.plain', input: z.object({}), output: z.object({}), run: () => ({}) });
    const engine = await makeEngine([definition, plain]);
    const [receipt] = await enqueue(engine, [{ definition: plain, input: {} }]);
    await engine.deliver();
    await pauseQueue(engine, 'low');
    await retryTask(engine, receipt!.taskId, { queue: 'low' });
    await engine.idle();
    await consume(engine, 'default', aBatch('default', [{ ids: [receipt!.taskId] }])); // The message comes a second time.
    await env.DB.prepare('DELETE FROM paused_queues').run();
    expect((await rowOf(receipt!.taskId)).state).toBe('PENDING');
  });
});
