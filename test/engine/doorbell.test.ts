// The contract of a doorbell, which both kinds keep: queue messages, and eager runs in the caller.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { announce, ring, wakeTime } from '../../src/engine/doorbell.ts';
import { defineTask } from '../../src/engine/index.ts';
import { enqueue, findTask, makeEager, startInBackground } from '../../src/engine/manage.ts';
import type { Ring } from '../../src/engine/ring.ts';
import { aTask } from '../support/a-task.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

const HOUR = 3600;

async function aDoorbell(kind: 'queue' | 'eager') {
  const queued = await makeEngine([scripted]);
  const engine = kind === 'queue' ? queued : makeEager(queued);
  return { engine, queued };
}

const ringOf = (id: string, more: Partial<Ring> = {}): Ring => ({
  id,
  name: 'test.scripted',
  queue: 'default',
  dueAt: 0,
  ...more,
});

describe.each(['queue', 'eager'] as const)('the %s doorbell', (kind) => {
  it.each([
    ['announce', announce],
    ['ring', ring],
  ] as const)('starts a waiting task by %s', async (_, start) => {
    const { engine, queued } = await aDoorbell(kind);
    const { id } = await aTask({ createdAt: 0 });
    await start(engine, [ringOf(id)]);
    await queued.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
    expect(runsOf(id)).toHaveLength(1);
  });

  it('starts tasks of several queues, each once, however often it is asked', async () => {
    const { engine, queued } = await aDoorbell(kind);
    const [low, high] = [await aTask({ queue: 'low', createdAt: 0 }), await aTask({ queue: 'high', createdAt: 0 })];
    const rings = [ringOf(low.id, { queue: 'low' }), ringOf(high.id, { queue: 'high' })];
    await ring(engine, rings);
    await ring(engine, rings);
    await queued.deliver();
    expect(await statesOf([low.id, high.id])).toEqual(['SUCCESS', 'SUCCESS']);
    expect([...runsOf(low.id), ...runsOf(high.id)]).toHaveLength(2);
  });

  it('does not reject for a task that is gone, final, or fails', async () => {
    const { engine, queued } = await aDoorbell(kind);
    const done = await aTask({ state: 'SUCCESS' });
    const [failing] = await enqueue(engine, [{ definition: scripted, input: { do: ['fail'] } }]);
    const rings = [ringOf(crypto.randomUUID()), ringOf(done.id), ringOf(failing!.taskId)];
    await expect(ring(engine, rings)).resolves.toBeUndefined();
    await queued.deliver();
    expect(await statesOf([done.id, failing!.taskId])).toEqual(['SUCCESS', 'FAILURE']);
    expect(runsOf(failing!.taskId)).toHaveLength(1);
  });

  it('lets a background task run beside the caller to its end', async () => {
    const { engine, queued } = await aDoorbell(kind);
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {} });
    await queued.idle();
    expect((await findTask(engine, taskId)).state).toBe('SUCCESS');
  });

  it('says how full a queue is, or that it does not know', async () => {
    const { engine } = await aDoorbell(kind);
    const backlog = await engine.doorbell.backlogOf(engine, 'default');
    if (kind === 'queue') expect(backlog).toEqual({ messages: 0, bytes: 0, oldestAt: undefined });
    else expect(backlog).toBeUndefined();
  });

  it('says whether it keeps limits, and keeps its word', async () => {
    const single = defineTask({
      name: 'test.single',
      input: z.object({}),
      output: z.object({}),
      concurrency: { limit: 1 },
      run: () => ({}),
    });
    const queued = await makeEngine([single]);
    const engine = kind === 'queue' ? queued : makeEager(queued);
    const [receipt] = await enqueue(engine, [{ definition: single, input: {} }]);
    await queued.idle();
    // A message that does not say that its task has limits.
    queued.sent.default.splice(0);
    await ring(engine, []);
    queued.sent.default.push({ body: { ids: [receipt!.taskId] }, delaySeconds: 0 });
    if (kind === 'queue') await queued.deliver();
    const startedPastLimits = (await rowOf(receipt!.taskId)).state === 'SUCCESS';
    expect(startedPastLimits).toBe(!engine.doorbell.keepsLimits);
  });
});

describe('when the sweep looks at a task', () => {
  it('is some seconds after its message should have arrived', async () => {
    const engine = await makeEngine([]);
    const grace = engine.settings.ringGraceSeconds * 1000;
    const now = engine.clock.now();
    expect(wakeTime(engine, now, now)).toBe(now + grace);
    expect(wakeTime(engine, now - 5000, now)).toBe(now + grace);
    expect(wakeTime(engine, now + 60_000, now)).toBe(now + 60_000 + grace);
    expect(wakeTime(engine, now + 12 * HOUR * 1000, now)).toBe(now + 12 * HOUR * 1000 + grace);
  });

  it('is six hours before a due time that is too far for a message', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    expect(wakeTime(engine, now + 100 * HOUR * 1000, now)).toBe(now + 94 * HOUR * 1000);
  });
});
