// Tasks that start in the invocation that enqueues them.
import { describe, expect, it } from 'vitest';
import { findTask, startInBackground } from '../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

describe('a background task', () => {
  it('starts at once, without a message, and is a task like any other', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {} });
    expect((await rowOf(taskId)).fence).toBe(1);
    await engine.idle();
    expect(await statesOf([taskId])).toEqual(['SUCCESS']);
    expect(engine.sent.default).toEqual([]);
  });

  it('goes to the queue when it has not finished in time, without consuming an attempt', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.backgroundSeconds = 0.2;
    const { taskId } = await startInBackground(engine, { definition: scripted, input: { do: ['hang', 'succeed'] } });
    await engine.deliver();
    const task = await findTask(engine, taskId);
    expect([task.state, task.attempts]).toEqual(['SUCCESS', 1]);
    expect(runsOf(taskId)[0]!.context.signal.aborted).toBe(true);
  });

  it('waits for its time when it has one', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {}, options: { countdown: 60 } });
    await engine.idle();
    expect(await statesOf([taskId])).toEqual(['PENDING']);
    expect(engine.sent.default.map(({ delaySeconds }) => delaySeconds)).toEqual([60]);
  });
});
