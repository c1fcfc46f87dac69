import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask, group, map } from '../../../src/engine/index.ts';
import { findTask, listAttempts, listTasks, revokeTask, sweep, useEngine } from '../../../src/engine/manage.ts';
import { claimAndDie } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const add = defineTask({
  name: 'test.add',
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ a: z.number() }),
  run: ({ a, b }) => ({ a: a + b }),
});
const one = defineTask({ name: 'test.one', input: z.object({}), output: z.number(), run: () => 1 });
const wrap = defineTask({
  name: 'test.wrap',
  input: z.object({ result: z.unknown() }),
  output: z.object({ wrapped: z.unknown() }),
  run: ({ result }) => ({ wrapped: result }),
});
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
const caught: unknown[] = [];
const onError = defineTask({
  name: 'test.on_error',
  input: z.object({ task_id: z.string(), error: z.object({ code: z.string(), message: z.string() }) }),
  output: z.object({}),
  run(input) {
    caught.push(input);
    return {};
  },
});

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([add, one, wrap, collect, boom, onError, scripted]);
  useEngine(engine);
  return engine;
}

async function resultOf(engine: TestEngine, id: string): Promise<unknown> {
  await engine.drain(60);
  const { state, result, error } = await findTask(engine, id);
  return state === 'SUCCESS' && result && 'json' in result ? JSON.parse(result.json) : { state, error: error?.message };
}

describe('a chain', () => {
  it('gives each link the output of the one before; what is bound wins; a plain value comes as { result }', async () => {
    const engine = await anEngine();
    const sum = await chain(add.s({ a: 1, b: 2 }), add.s({ b: 10 }), add.s({ b: 100 })).enqueue();
    expect(await statesOf(sum.taskIds)).toEqual(['PENDING', 'WAITING', 'WAITING']);
    expect(await resultOf(engine, sum.resultTaskId)).toEqual({ a: 113 });
    const wrapped = await chain(one.s(), wrap.s()).enqueue();
    expect(await resultOf(engine, wrapped.resultTaskId)).toEqual({ wrapped: 1 });
    const immutable = await chain(add.s({ a: 1, b: 2 }), add.si({ a: 5, b: 5 })).enqueue();
    expect(await resultOf(engine, immutable.resultTaskId)).toEqual({ a: 10 });
  });

  it('that fails marks every later link FAILURE with the cause, and runs on_error once', async () => {
    const engine = await anEngine();
    caught.splice(0);
    const { taskIds, resultTaskId } = await chain(
      add.s({ a: 1, b: 1 }),
      boom.s(),
      add.s({ b: 1 }),
      add.s({ b: 2 }),
    ).enqueue({
      onError: onError.s(),
    });
    expect(await resultOf(engine, resultTaskId)).toEqual({
      state: 'FAILURE',
      error: `Dependency ${taskIds[1]} raised RangeError: boom`,
    });
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'FAILURE', 'FAILURE', 'FAILURE', 'SUCCESS']);
    expect(caught).toEqual([{ task_id: resultTaskId, error: expect.objectContaining({ code: 'dependency' }) }]);
  });

  it('whose link is poisoned fails like one whose link failed', async () => {
    const engine = await anEngine();
    const { taskIds } = await chain(add.s({ a: 1, b: 1 }), add.s({ b: 1 })).enqueue();
    for (let crash = 0; crash < 3; crash++) {
      await claimAndDie(engine, [taskIds[0]!], true);
      engine.advance(31);
      await sweep(engine);
    }
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE']);
    expect((await findTask(engine, taskIds[1]!)).error?.message).toContain(
      `Dependency ${taskIds[0]} raised WorkerLostError`,
    );
  });

  it('that is revoked revokes the later links; on_error of a chain that succeeds is not run', async () => {
    const engine = await anEngine();
    const revoked = await chain(add.s({ a: 1, b: 1 }), add.s({ b: 1 })).enqueue();
    await revokeTask(engine, revoked.taskIds[0]!);
    expect(await statesOf(revoked.taskIds)).toEqual(['REVOKED', 'REVOKED']);
    const fine = await chain(add.s({ a: 1, b: 1 }), add.s({ b: 1 })).enqueue({ onError: onError.s() });
    await engine.drain();
    expect(await statesOf(fine.taskIds)).toEqual(['SUCCESS', 'SUCCESS', 'REVOKED']);
    expect((await findTask(engine, fine.taskIds[2]!)).error?.code).toBe('not_needed');
  });

  it('goes on after a retry and a crash of one of its links', async () => {
    const engine = await anEngine();
    const { taskIds, resultTaskId } = await chain(
      scripted.s({ do: ['throw', 'succeed'] }),
      one.s(),
      wrap.s(),
    ).enqueue();
    await engine.idle();
    await claimAndDie(engine, [taskIds[0]!]);
    engine.advance(31);
    await sweep(engine);
    expect(await resultOf(engine, resultTaskId)).toEqual({ wrapped: 1 });
    expect((await listAttempts(engine, taskIds[0]!)).map(({ outcome }) => outcome)).toEqual([
      'CRASHED',
      'RETRY',
      'SUCCESS',
    ]);
  });
});

describe('a group', () => {
  it('results in the list of its results, in order, whatever order they end in', async () => {
    const engine = await anEngine();
    const { resultTaskId } = await group([1, 2, 3].map((a) => add.s({ a, b: 0 }))).enqueue();
    for (const message of engine.sent.default) message.body.ids.reverse();
    expect(await resultOf(engine, resultTaskId)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('nests, follows another group, and may be empty', async () => {
    const engine = await anEngine();
    const inner = group([add.s({ a: 1, b: 1 }), chain(one.s(), wrap.s())]);
    const nested = await chord([inner, add.s({ a: 5, b: 5 })], collect.s({ label: 'x' })).enqueue();
    expect(await resultOf(engine, nested.resultTaskId)).toEqual({
      got: [[{ a: 2 }, { wrapped: 1 }], { a: 10 }],
      label: 'x',
    });
    const twice = await chain(
      group([one.s(), one.s()]),
      group([collect.s({ label: 'l' }), collect.s({ label: 'r' })]),
    ).enqueue();
    expect(await resultOf(engine, twice.resultTaskId)).toEqual([
      { got: [1, 1], label: 'l' },
      { got: [1, 1], label: 'r' },
    ]);
    const empty = await chord([], collect.s()).enqueue();
    expect(await resultOf(engine, empty.resultTaskId)).toEqual({ got: [], label: '' });
  });

  it('is made of a list of inputs by map', async () => {
    const engine = await anEngine();
    const { resultTaskId } = await map(add, [
      { a: 1, b: 1 },
      { a: 2, b: 2 },
    ]).enqueue();
    expect(await resultOf(engine, resultTaskId)).toEqual([{ a: 2 }, { a: 4 }]);
  });
});

describe('a chord', () => {
  it('with a failed member fails at once and says why; the siblings run to their end', async () => {
    const engine = await anEngine();
    const { taskIds, resultTaskId } = await chord([boom.s(), add.s({ a: 1, b: 1 }), boom.s()], collect.s()).enqueue();
    const result = await resultOf(engine, resultTaskId);
    expect(result).toEqual({
      state: 'FAILURE',
      error: expect.stringMatching(/^Dependency \S+ raised RangeError: boom$/),
    });
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'SUCCESS', 'FAILURE', 'FAILURE']);
  });

  it('may go on with { error } in the places of those that failed, also where a whole chain failed', async () => {
    const engine = await anEngine();
    const header = [boom.s(), add.s({ a: 1, b: 1 }), chain(boom.s(), add.s({ b: 1 }))];
    const { resultTaskId } = await chord(header, collect.s(), { onChildFailure: 'continue' }).enqueue();
    expect(await resultOf(engine, resultTaskId)).toEqual({
      got: [
        { error: { code: 'error', type: 'RangeError', message: 'boom' } },
        { a: 2 },
        { error: expect.objectContaining({ code: 'dependency' }) },
      ],
      label: '',
    });
  });

  it('of 2,000 members runs its body once, and costs a member no more rows than one of 200 does', async () => {
    const rows = async (members: number) => {
      const engine = await anEngine();
      engine.batches.splice(0);
      const header = Array.from({ length: members }, (_, a) => add.s({ a, b: 0 }));
      const { resultTaskId } = await chord(header, collect.s()).enqueue();
      await engine.drain();
      const metas = engine.batches.flat().map(({ meta }) => meta);
      expect((await rowOf(resultTaskId)).state).toBe('SUCCESS');
      expect(await listAttempts(engine, resultTaskId)).toHaveLength(1);
      const sum = (of: 'rows_read' | 'rows_written') => metas.reduce((total, meta) => total + meta[of], 0) / members;
      return { read: sum('rows_read'), written: sum('rows_written') };
    };
    const small = await rows(200);
    const large = await rows(2000);
    expect(large.written).toBeLessThanOrEqual(small.written * 1.1);
    expect(large.read).toBeLessThanOrEqual(small.read * 1.3);
  });
});

describe('an empty group', () => {
  it('in a chain is still a link: what follows waits for what came before, and fails with it', async () => {
    const engine = await anEngine();
    const fine = await chain(add.s({ a: 1, b: 1 }), group([]), collect.s()).enqueue();
    expect(await statesOf(fine.taskIds)).toEqual(['PENDING', 'WAITING', 'WAITING']);
    expect(await resultOf(engine, fine.resultTaskId)).toEqual({ got: [], label: '' });
    const failed = await chain(boom.s(), group([]), collect.s()).enqueue();
    await engine.drain();
    expect(await statesOf(failed.taskIds)).toEqual(['FAILURE', 'FAILURE', 'FAILURE']);
  });
});

describe('callbacks', () => {
  it('of a callback that was not needed are not needed either', async () => {
    const engine = await anEngine();
    caught.splice(0);
    const body = chord([onError.s()], collect.s(), { onChildFailure: 'continue' });
    const { taskIds } = await add.s({ a: 1, b: 1 }).enqueue({ onError: body });
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'REVOKED', 'REVOKED']);
    expect(caught).toEqual([]);
  });

  it('linked to a task run after its success or its failure', async () => {
    const engine = await anEngine();
    caught.splice(0);
    await add
      .s({ a: 1, b: 1 })
      .link(add.s({ b: 40 }))
      .linkError(onError.s())
      .enqueue();
    await engine.drain();
    const items = await listTasks(engine, { name: 'test.add' }, { limit: 1, before: undefined });
    expect((await findTask(engine, items[0]!.id)).result).toEqual({ json: '{"a":42}' });
    expect(caught).toEqual([]);
    await boom.s().linkError(onError.s()).enqueue();
    await engine.drain();
    expect(caught).toEqual([expect.objectContaining({ error: expect.objectContaining({ message: 'boom' }) })]);
  });
});

describe('a workflow', () => {
  it('does not compile where a link does not fit', () => {
    // @ts-expect-error nothing gives `b`
    const missing = () => chain(add.s({ a: 1, b: 2 }), add.s());
    // @ts-expect-error a group results in { results }, which add does not take
    const unfit = () => chain(group([one.s()]), add.s({ b: 1 }));
    expect([missing, unfit]).toHaveLength(2);
  });
});
