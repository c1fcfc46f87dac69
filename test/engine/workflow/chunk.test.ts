// Chunks: several inputs of one definition in one task.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chord, chunks, defineTask } from '../../../src/engine/index.ts';
import { findTask, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, statesOf, type TestEngine } from '../../support/engine.ts';

const add = defineTask({
  name: 'test.add',
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ a: z.number() }),
  run: ({ a, b }) => ({ a: a + b }),
});
const one = defineTask({ name: 'test.one', input: z.object({}), output: z.number(), run: () => 1 });
const collect = defineTask({
  name: 'test.collect',
  input: z.object({ results: z.array(z.unknown()), label: z.string().default('') }),
  output: z.object({ got: z.array(z.unknown()), label: z.string() }),
  run: ({ results, label }) => ({ got: results, label }),
});
const boom = defineTask({
  name: 'test.boom',
  input: z.object({}),
  output: z.object({ a: z.number() }),
  retry: { max: 0 },
  run: () => {
    throw new RangeError('boom');
  },
});

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([add, one, collect, boom]);
  useEngine(engine);
  return engine;
}

async function resultOf(engine: TestEngine, id: string): Promise<unknown> {
  await engine.drain(60);
  const { state, result, error } = await findTask(engine, id);
  return state === 'SUCCESS' && result && 'json' in result ? JSON.parse(result.json) : { state, error: error?.message };
}

describe('chunks', () => {
  it('run their inputs in tasks of the given size, and give the results in lists', async () => {
    const engine = await anEngine();
    const inputs = Array.from({ length: 7 }, (_, a) => ({ a, b: 1 }));
    const { resultTaskId, taskIds } = await chunks(add, inputs, 3).enqueue();
    expect(taskIds).toHaveLength(4);
    expect(await resultOf(engine, resultTaskId)).toEqual([
      [{ a: 1 }, { a: 2 }, { a: 3 }],
      [{ a: 4 }, { a: 5 }, { a: 6 }],
      [{ a: 7 }],
    ]);
  });

  it('fail where one of their inputs fails, and the other chunks do not', async () => {
    const engine = await anEngine();
    const { resultTaskId, taskIds } = await chunks(boom, [{}, {}], 1).enqueue();
    const whole = await chord([chunks(one, [{}, {}], 2), boom.s()], collect.s(), {
      onChildFailure: 'continue',
    }).enqueue();
    expect(await resultOf(engine, resultTaskId)).toMatchObject({ state: 'FAILURE' });
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE', 'FAILURE']);
    expect(await resultOf(engine, whole.resultTaskId)).toMatchObject({
      got: [[[1, 1]], { error: { message: 'boom' } }],
    });
  });

  it.each([0, -1, 2.5, Number.NaN])('refuse a size of %s', (size) => {
    expect(() => chunks(one, [{}], size)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'size' })] }),
    );
  });

  it('refuse an input that does not fit, and name it', () => {
    expect(() =>
      chunks(
        add,
        [
          { a: 1, b: 1 },
          { a: 1, b: 'x' as never },
        ],
        2,
      ),
    ).toThrow(
      expect.objectContaining({ code: 'invalid_input', issues: [expect.objectContaining({ path: 'inputs.1.b' })] }),
    );
  });

  it('give each input an idempotency key of its own', async () => {
    const keys: string[] = [];
    const noting = defineTask({
      name: 'test.noting',
      input: z.object({}),
      output: z.object({}),
      run(_, { idempotencyKey }) {
        keys.push(idempotencyKey);
        return {};
      },
    });
    const engine = await makeEngine([noting]);
    useEngine(engine);
    await chunks(noting, [{}, {}, {}], 3).enqueue();
    await engine.drain();
    expect(new Set(keys).size).toBe(3);
  });
});
