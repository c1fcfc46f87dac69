// Functions that run after the response, without a definition of their own.
import { describe, expect, it } from 'vitest';
import { background } from '../../src/engine/index.ts';
import { findTask, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

describe('a background function', () => {
  it('of a function has an id, a status and a result; if it does not finish, that is seen', async () => {
    const engine = await makeEngine([]);
    useEngine(engine);
    const done = await background(async (ctx) => ({ id: ctx.id }), 'quick');
    await engine.idle();
    expect((await findTask(engine, done.taskId)).result).toEqual({ json: JSON.stringify({ id: done.taskId }) });

    engine.settings.backgroundSeconds = 0.2;
    const stuck = await background(() => new Promise(() => {}), 'stuck');
    await engine.drain();
    const task = await findTask(engine, stuck.taskId);
    expect([task.state, task.error?.code]).toEqual(['FAILURE', 'unfinished']);
    expect(task.error?.message).toContain('"stuck"');
  });
});
