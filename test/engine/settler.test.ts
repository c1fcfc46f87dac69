// What follows when attempts have ended: commit, log line, wake-up, messages.
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../src/engine/manage.ts';
import type { Ended } from '../../src/engine/pool.ts';
import { settle } from '../../src/engine/settler.ts';
import { callbackIdOf } from '../../src/engine/store/ids.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../support/dying.ts';
import { makeEngine, statesOf, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

async function anEnd(engine: TestEngine, change: Partial<Ended['settlement']> = {}, id?: string): Promise<Ended> {
  const taskId = id ?? (await enqueueOne(engine));
  await engine.idle();
  engine.sent.default.splice(0);
  const [task] = (await claimAndDie(engine, [taskId])).tasks;
  return { task: task!, settlement: { ...aSettlement(task!), ...change } };
}

const error = { code: 'error', type: 'TypeError', message: 'no' };

describe('settling', () => {
  it('commits the end of each task, and sends no message for it', async () => {
    const engine = await makeEngine([scripted]);
    const [one, two] = [await anEnd(engine), await anEnd(engine, { state: 'FAILURE', outcome: 'FAILURE', error })];
    await settle(engine, [one, two]);
    await engine.idle();
    expect(await statesOf([one.task.id, two.task.id])).toEqual(['SUCCESS', 'FAILURE']);
    expect(engine.sent.default).toEqual([]);
  });

  it('logs failures and retries, but no success and no snooze', async () => {
    const engine = await makeEngine([scripted]);
    const dueAt = engine.clock.now() + 5000;
    const retry = { state: 'RETRY', dueAt, wakeAt: dueAt } as const;
    await settle(engine, [
      await anEnd(engine),
      await anEnd(engine, { state: 'FAILURE', outcome: 'FAILURE', error }),
      await anEnd(engine, { ...retry, outcome: 'RETRY', error }),
      await anEnd(engine, { ...retry, outcome: 'SNOOZED' }),
    ]);
    expect(engine.complaints).toMatchObject([
      { message: 'task failed', fields: { code: 'error', error: { type: 'TypeError', message: 'no' } } },
      { message: 'task will be retried', fields: { code: 'error' } },
    ]);
  });

  it('sends a message for a task that runs again, when it is due', async () => {
    const engine = await makeEngine([scripted]);
    const dueAt = engine.clock.now() + 5000;
    const one = await anEnd(engine, { state: 'RETRY', outcome: 'RETRY', error, dueAt, wakeAt: dueAt });
    await settle(engine, [one]);
    await engine.idle();
    expect(engine.sent.default).toEqual([{ body: { ids: [one.task.id] }, delaySeconds: 5 }]);
  });

  it('sends a message for the callback of a task that asked for one', async () => {
    const engine = await makeEngine([scripted]);
    const options = { callbackUrl: 'https://example.com/done' };
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {}, options }]);
    const one = await anEnd(engine, {}, receipt!.taskId);
    await settle(engine, [one]);
    await engine.idle();
    expect(engine.sent.default.map(({ body }) => body.ids)).toEqual([[callbackIdOf(one.task.id)]]);
  });

  it('tries again when D1 fails for a moment', async () => {
    const engine = await makeEngine([scripted]);
    const one = await anEnd(engine);
    const { db } = engine;
    engine.db = new Proxy(db, {
      get(target, property) {
        if (property !== 'batch') return Reflect.get(target, property);
        engine.db = db;
        return () => Promise.reject(new Error('D1_ERROR: overloaded'));
      },
    });
    await settle(engine, [one]);
    expect(await statesOf([one.task.id])).toEqual(['SUCCESS']);
    expect(engine.complaints).toMatchObject([{ message: 'settling failed; trying again' }]);
  });

  it('of no task asks D1 nothing', async () => {
    const engine = await makeEngine([scripted]);
    await settle(engine, []);
    expect(engine.batches).toEqual([]);
  });
});
