// Celery's task_always_eager: enqueueing runs the task in the caller.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, PermanentFailure } from '../../src/engine/index.ts';
import { enqueue, findTask, makeEager, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

describe('eager mode', () => {
  it('runs the task in the caller, retries and all, waiting for no timer', async () => {
    const eager = makeEager(await makeEngine([scripted]));
    const requests = [
      { definition: scripted, input: { do: ['throw', 'snooze', 'succeed'] }, options: { countdown: 3600 } },
    ];
    const [receipt] = await enqueue(eager, requests as never);
    const task = await findTask(eager, receipt!.taskId);
    expect([task.state, task.attempts]).toEqual(['SUCCESS', 2]);
  });

  it('serves definition.delay() through the current engine', async () => {
    const eager = makeEager(await makeEngine([scripted]));
    useEngine(eager);
    const { taskId } = await scripted.delay({ value: 7 });
    expect((await findTask(eager, taskId)).result).toEqual({ json: '{"attempt":1,"value":7}' });
  });

  it('leaves a task alone that snoozes again and again', async () => {
    let runCount = 0;
    const poll = defineTask({
      name: 'test.poll',
      input: z.object({}),
      output: z.object({}),
      run: (_, ctx) => {
        if (++runCount > 300) throw new PermanentFailure('ran 300 times');
        return ctx.snooze({ for: 60 });
      },
    });
    const eager = makeEager(await makeEngine([poll]));
    const [receipt] = await enqueue(eager, [{ definition: poll, input: {} }]);
    expect(runCount).toBeLessThan(300);
    expect((await findTask(eager, receipt!.taskId)).state).toBe('RETRY');
  }, 60_000);
});
