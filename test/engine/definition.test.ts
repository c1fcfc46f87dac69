// What defineTask() makes and refuses, and the types it gives.
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { findTask, useEngine } from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';

const add = defineTask({
  name: 'test.add',
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  output: z.object({ sum: z.number() }),
  run: ({ a, b }) => ({ sum: a + b }),
});

describe('a definition', () => {
  it('gives its input and output types to its callers', () => {
    expectTypeOf(add.delay).parameter(0).toEqualTypeOf<{ a: number; b?: number | undefined }>();
    // @ts-expect-error a string is no number
    const wrong = () => add.delay({ a: '1' });
    const schemas = { input: z.object({}), output: z.object({ n: z.number() }) };
    // @ts-expect-error a result that does not fit the output schema
    defineTask({ name: 'test.wrong', ...schemas, run: () => ({ n: 'x' }) });
    expect(wrong).toBeTypeOf('function');
  });

  it('makes the schemas of its functions on first use, once, with the same types', async () => {
    const input = vi.fn(() => z.object({ a: z.number(), b: z.number().default(1) }));
    const output = vi.fn(() => z.object({ sum: z.number() }));
    const later = defineTask({ name: 'test.later', input, output, run: ({ a, b }) => ({ sum: a + b }) });
    expectTypeOf(later).toEqualTypeOf<typeof add>();
    const engine = await makeEngine([later]);
    useEngine(engine);
    expect([input, output].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    // @ts-expect-error a string is no number
    await expect(later.delay({ a: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ path: 'input.a', message: 'Invalid input: expected number, received string' }],
    });
    const { taskId } = await later.delay({ a: 1 });
    await engine.deliver();
    expect((await findTask(engine, taskId)).result).toEqual({ json: '{"sum":2}' });
    expect(later.input).toBe(later.input);
    expect([input, output].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('is refused at start-up for a malformed name, or an impossible timeout, rate or concurrency limit', () => {
    const parts = { input: z.object({}), output: z.object({}), run: () => ({}) };
    for (const name of ['add', 'Math.add', 'math.', 'math add', 'math.add!']) {
      expect(() => defineTask({ name, ...parts })).toThrow(/area\.verb/);
    }
    expect(() => defineTask({ name: 'a.b', timeoutSeconds: 781, ...parts })).toThrow(/timeoutSeconds/);
    expect(() => defineTask({ name: 'a.b', rateLimit: 'often', ...parts })).toThrow(/is not a rate/);
    expect(() => defineTask({ name: 'a.b', concurrency: { limit: 0 }, ...parts })).toThrow(/concurrency.limit/);
    expect(() => defineTask({ name: 'a.b', on: ['Order Paid'], ...parts })).toThrow(/event type "Order Paid"/);
    expect(() => defineTask({ name: 'a.b', deadlineSeconds: 0, ...parts })).toThrow(/deadlineSeconds/);
  });

  it('has defaults: three retries, 300 seconds, no queue, no limit, no schedule', () => {
    const defaults = { maxRetries: 3, timeoutSeconds: 300, schedules: {} };
    expect(add).toMatchObject({ name: 'test.add', ...defaults });
    expect([add.queue, add.unique, add.rateLimit, add.concurrency]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('enqueues, and starts in the background, through the current engine', async () => {
    const engine = await makeEngine([add]);
    useEngine(engine);
    const { taskId } = await add.enqueue({ a: 1, b: 2 }, { queue: 'low' });
    expect((await rowOf(taskId)).queue).toBe('low');
    const started = await add.background({ a: 3 });
    await engine.deliver();
    expect((await findTask(engine, taskId)).result).toEqual({ json: '{"sum":3}' });
    expect((await findTask(engine, started.taskId)).result).toEqual({ json: '{"sum":4}' });
  });

  it('retries what retryOn chooses and failOn does not refuse', () => {
    const retry = { retryOn: (error: unknown) => error !== 'a', failOn: (error: unknown) => error === 'b' };
    const { handler } = defineTask({
      name: 'test.picky',
      input: z.object({}),
      output: z.object({}),
      retry,
      run: () => ({}),
    });
    expect(['a', 'b', 'c'].map((error) => handler.shouldRetry(error))).toEqual([false, false, true]);
  });
});
