// What a running task reaches through its context, and what it reports.
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../src/engine/context.ts';
import {
  type AnyDefinition,
  defineTask,
  type EnqueueOptions,
  group,
  type TaskContext,
} from '../../src/engine/index.ts';
import { enqueue, findTask, findWorkflow, listAttempts } from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';
import { aContext } from '../support/context.ts';
import { enqueueOne } from '../support/dying.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { aRunning } from '../support/running.ts';
import { runsOf, scripted } from '../support/scripted.ts';

const noSteps = () => {
  throw new Error('no step was asked for');
};

async function runOnce(definition: AnyDefinition, input: object = {}) {
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId };
}

/** Runs `work` with the context of a task. */
async function runWith(work: (ctx: TaskContext) => unknown, definitions: AnyDefinition[] = []) {
  const definition = defineTask({
    name: 'test.probe',
    input: z.object({}),
    output: z.unknown(),
    retry: { max: 0 },
    run: (_, ctx) => work(ctx),
  });
  const engine = await makeEngine([definition, ...definitions]);
  const [receipt] = await enqueue(engine, [{ definition, input: {} }]);
  await engine.deliver();
  const task = await findTask(engine, receipt!.taskId);
  expect(task.error).toBeUndefined();
  return { engine, task, result: JSON.parse(task.result && 'json' in task.result ? task.result.json : 'null') };
}

describe('a task knows', () => {
  it('its id, its attempt, when it was enqueued, and one idempotency key for all attempts', async () => {
    const { engine, id } = await runOnce(scripted, { do: ['snooze', 'throw', 'succeed'] });
    await engine.drain();
    const contexts = runsOf(id).map(({ context }) => context);
    expect(contexts.map((ctx) => ctx.id)).toEqual([id, id, id]);
    expect(contexts.map((ctx) => ctx.attempt)).toEqual([1, 1, 2]);
    expect(new Set(contexts.map((ctx) => ctx.idempotencyKey))).toEqual(new Set([id]));
    expect(new Set(contexts.map((ctx) => ctx.createdAt)).size).toBe(1);
    expect(Math.abs(contexts[0]!.createdAt - Date.now())).toBeLessThan(60_000);
  });

  it('the time by the clock of the engine', async () => {
    const engine = await makeEngine([]);
    const ctx = aContext(engine);
    expect(ctx.now()).toBe(engine.clock.now());
    engine.advance(3600);
    expect(ctx.now()).toBe(engine.clock.now());
  });

  it('the settings and services of the engine', async () => {
    const engine = await makeEngine([]);
    const ctx = aContext(engine);
    expect(ctx.settings).toBe(engine.taskSettings);
    expect(ctx.services).toBe(engine.services);
  });
});

describe('a task may enqueue', () => {
  it('a task, with options', async () => {
    const options: EnqueueOptions = { queue: 'low', tags: ['child'] };
    const { engine, result } = await runWith(
      (ctx) => ctx.enqueue(scripted, { value: 7 }, options).then(({ taskId }) => taskId),
      [scripted],
    );
    expect(await rowOf(result)).toMatchObject({ name: 'test.scripted', queue: 'low', tags: '["child"]' });
    await engine.deliver();
    expect((await findTask(engine, result)).result).toEqual({ json: '{"attempt":1,"value":7}' });
  });

  it('a task whose input fits its schema, and no other', async () => {
    const refused = await runWith(
      async (ctx) => {
        // @ts-expect-error "dance" is no step
        const wrong = ctx.enqueue(scripted, { do: ['dance'] });
        return wrong.catch((error: { code: string }) => error.code);
      },
      [scripted],
    );
    expect(refused.result).toBe('invalid_input');
    // @ts-expect-error the input is no object
    const neverRun = (ctx: TaskContext) => ctx.enqueue(scripted, 7);
    // @ts-expect-error there is no such option
    const neitherRun = (ctx: TaskContext) => ctx.enqueue(scripted, {}, { delay: 7 });
    expect([neverRun, neitherRun]).toHaveLength(2);
  });

  it('a workflow', async () => {
    const parts = [scripted.s({ value: 1 }), scripted.s({ value: 2 })];
    const { engine, result } = await runWith(
      (ctx) => ctx.enqueueWorkflow(group(parts)).then(({ workflowId }) => workflowId),
      [scripted],
    );
    await engine.drain();
    expect((await findWorkflow(engine, result)).workflow).toMatchObject({ status: 'SUCCESS', done: 3, total: 3 });
  });
});

describe('ctx.tasks', () => {
  it('finds one task and lists those that match', async () => {
    const engine = await makeEngine([]);
    const { tasks } = aContext(engine);
    const tag = crypto.randomUUID();
    const { id } = await aTask({ tags: [tag] });
    expect(await tasks.find(id)).toMatchObject({ id, state: 'PENDING' });
    expect(await tasks.list({ tag }, { limit: 10, before: undefined })).toMatchObject([{ id }]);
    await expect(tasks.find(crypto.randomUUID())).rejects.toMatchObject({ code: 'task_not_found' });
  });

  it('revokes unfinished tasks and retries final ones, and says how many those were', async () => {
    const engine = await makeEngine([scripted]);
    const { tasks } = aContext(engine);
    const ids = [await enqueueOne(engine), await enqueueOne(engine)];
    const done = (await aTask({ state: 'FAILURE', createdAt: engine.clock.now() })).id;
    expect(await tasks.revoke([...ids, done])).toBe(2);
    expect(await tasks.retry([...ids, done], engine.clock.now() - 60_000)).toBe(0);
    expect(await tasks.retry([...ids, done], engine.clock.now() + 1)).toBe(3);
    expect(await statesOf([...ids, done])).toEqual(['PENDING', 'PENDING', 'PENDING']);
  });

  it('retries a workflow that failed, and none that is unfinished or gone', async () => {
    const engine = await makeEngine([scripted]);
    const ctx = aContext(engine);
    const { workflowId } = await ctx.enqueueWorkflow(scripted.s({ do: ['fail', 'succeed'] }));
    const retry = () => ctx.tasks.retryWorkflow(workflowId, engine.clock.now() + 1);
    expect(await retry()).toBe(0);
    await engine.deliver();
    expect(await retry()).toBe(1);
    expect(await ctx.tasks.retryWorkflow(crypto.randomUUID(), engine.clock.now())).toBe(0);
  });

  it('does not hide that D1 is away', async () => {
    const engine = await makeEngine([scripted], {
      db: { prepare: () => ({ bind: () => ({}) }), batch: () => Promise.reject(new Error('away')) } as never,
    });
    const { tasks } = aContext(engine);
    await expect(tasks.retryWorkflow(crypto.randomUUID(), 0)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('summarises the tasks with a tag', async () => {
    const engine = await makeEngine([]);
    const tag = crypto.randomUUID();
    await aTask({ tags: [tag], state: 'SUCCESS' });
    const { id } = await aTask({ tags: [tag], state: 'FAILURE' });
    await aTask({ tags: [tag] });
    const { byName, failures } = await aContext(engine).tasks.summariseTag(tag, 0, Date.now() + 60_000);
    expect(byName).toEqual([{ name: 'test.scripted', succeeded: 1, failed: 1, revoked: 0 }]);
    expect(failures).toMatchObject([{ id, name: 'test.scripted', message: 'failed' }]);
  });

  it('cleans up, knows the definitions, and counts the queries of its isolate', async () => {
    const engine = await makeEngine([scripted]);
    const { tasks } = aContext(engine);
    const before = tasks.queriesSoFar();
    await tasks.find((await aTask()).id);
    expect(tasks.queriesSoFar()).toBe(before + 1);
    expect(tasks.definition('test.scripted')).toBe(scripted);
    expect(tasks.definition('test.none')).toBeUndefined();
    await aTask({ state: 'SUCCESS', createdAt: 1 });
    engine.advance(400 * 86_400);
    const run = { signal: new AbortController().signal, progress() {} };
    const things = { everySeconds: 1, next: async () => ({ deleted: 7 }) };
    const { deleted, done } = await tasks.cleanUp({ things }, run);
    expect(done).toBe(true);
    expect(deleted.tasks).toBeGreaterThan(0);
    expect(deleted.things).toBe(7);
  });
});

describe('a report', () => {
  it('in log lines is kept up to 100 lines and 16 KiB', async () => {
    const chatty = defineTask({
      name: 'test.chatty',
      input: z.object({ lines: z.int(), size: z.int() }),
      output: z.unknown(),
      run({ lines, size }, ctx) {
        for (let line = 0; line < lines; line++) ctx.log('x'.repeat(size), { line });
        return null;
      },
    });
    const few = await runOnce(chatty, { lines: 3, size: 10 });
    expect((await listAttempts(few.engine, few.id))[0]!.logs.map(({ fields }) => fields)).toEqual([
      { line: 0 },
      { line: 1 },
      { line: 2 },
    ]);
    const many = await runOnce(chatty, { lines: 300, size: 10 });
    expect((await listAttempts(many.engine, many.id))[0]!.logs).toHaveLength(100);
    const long = await runOnce(chatty, { lines: 90, size: 1000 });
    expect(JSON.stringify((await listAttempts(long.engine, long.id))[0]!.logs).length).toBeLessThan(18_000);
  });

  it('of progress is shown while the task runs', async () => {
    const slow = defineTask({
      name: 'test.slow',
      input: z.object({}),
      output: z.unknown(),
      async run(_input, ctx) {
        ctx.progress(40, 'two of five', { current: 2, total: 5 });
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        return null;
      },
    });
    const engine = await makeEngine([slow]);
    const [receipt] = await enqueue(engine, [{ definition: slow, input: {} }]);
    const delivery = engine.deliver();
    await vi.waitFor(
      async () => {
        const { progress } = await findTask(engine, receipt!.taskId);
        expect(progress).toEqual({ percent: 40, message: 'two of five', current: 2, total: 5 });
      },
      { timeout: 3000 },
    );
    engine.advance(301);
    await delivery;
  });

  it('of progress is kept between 0 and 100 percent', async () => {
    const engine = await makeEngine([]);
    const running = aRunning();
    const ctx = createContext(engine, running, noSteps);
    const percents = [-5, 40, 140, null].map((percent) => {
      ctx.progress(percent, 'x'.repeat(300));
      return running.progress?.percent;
    });
    expect(percents).toEqual([0, 40, 100, null]);
    expect(running.progress?.message).toHaveLength(200);
  });

  it('does not make a signal before the task looks at it', async () => {
    const signal = vi.fn(() => new AbortController().signal);
    const ctx = createContext(await makeEngine([]), aRunning({ signal }), noSteps);
    expect(signal).not.toHaveBeenCalled();
    expect(ctx.signal.aborted).toBe(false);
    expect(signal).toHaveBeenCalledOnce();
  });
});
