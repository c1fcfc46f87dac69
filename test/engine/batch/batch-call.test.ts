// Tasks that share a call of their handler: each has its own input, result, failure, retry, log and end.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask } from '../../../src/engine/index.ts';
import {
  enqueue,
  findTask,
  listAttempts,
  makeEager,
  readTotals,
  retryTasks,
  sweep,
  useEngine,
} from '../../../src/engine/manage.ts';
import { bulkPush, push, to } from '../../support/bulk-push.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'attempts', 'edges'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('tasks of a batch', () => {
  it('share one call, with their inputs in the order of their enqueueing, and each gets its own result', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(10));
    await engine.deliver();
    expect(calls.map(({ inputs }) => inputs.map((input) => input.to))).toEqual([to(10).map((one) => one.to)]);
    expect(calls[0]?.ctx.members.map(({ id }) => id)).toEqual(ids);
    const results = await Promise.all(ids.map((id) => findTask(engine, id)));
    expect(results.map(({ result }) => result)).toEqual(to(10).map((one) => ({ json: JSON.stringify(one) })));
  });

  it('end each as its own outcome says', async () => {
    const { definition } = bulkPush();
    const engine = await makeEngine([definition]);
    const says = ['succeed', 'error', 'fail', 'retry', 'snooze', 'misfit', 'nothing'];
    const ids = await push(
      engine,
      definition,
      says.map((say) => ({ say: [say] })),
    );
    await engine.deliver();
    const rows = await Promise.all(ids.map(rowOf));
    expect(rows.map(({ state }) => state)).toEqual([
      'SUCCESS',
      'RETRY',
      'FAILURE',
      'RETRY',
      'RETRY',
      'FAILURE',
      'FAILURE',
    ]);
    expect(rows.map(({ error }) => (error === null ? null : JSON.parse(String(error)).code))).toEqual([
      null,
      'error',
      'unregistered',
      'error',
      null,
      'invalid_output',
      'invalid_output',
    ]);
    expect(rows.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 0, 1, 1]);
    const now = engine.clock.now();
    expect([rows[1], rows[3], rows[4]].map((row) => Math.round((Number(row?.due_at) - now) / 1000))).toEqual([
      5, 7, 11,
    ]);
    expect(JSON.parse(String(rows[6]?.error)).message).toMatch(/test\.push: outcome 6 must be one of \{ result \}/);
  });

  it.each([
    ['too few outcomes', () => [{ result: { to: 'a' } }], /returned 1 outcomes for 3 inputs/],
    ['too many', () => Array.from({ length: 4 }, () => ({ result: { to: 'a' } })), /returned 4 outcomes for 3 inputs/],
    ['no list', () => ({ result: { to: 'a' } }), /must return a list/],
    ['a Map', () => new Map([[0, { result: { to: 'a' } }]]), /must return a list/],
  ])('all fail, by name, when the handler returns %s', async (_, returned, message) => {
    const { definition } = bulkPush({}, returned);
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(3));
    await engine.deliver();
    const tasks = await Promise.all(ids.map((id) => findTask(engine, id)));
    for (const { state, error, result } of tasks) {
      expect([state, error?.code, result]).toEqual(['FAILURE', 'invalid_output', undefined]);
      expect(error?.message).toMatch(message);
      expect(error?.message).toMatch(/^test\.push/);
    }
  });

  it('all use up an attempt of their own when the handler throws', async () => {
    let calls = 0;
    const { definition } = bulkPush({}, () => {
      if (calls++ === 0) throw new TypeError('the API is down');
    });
    const engine = await makeEngine([definition]);
    const ids = [
      ...(await push(engine, definition, to(2))),
      ...(await push(engine, definition, to(1), { maxRetries: 0 })),
    ];
    engine.sent.default.splice(0);
    await engine.doorbell.ring(
      engine,
      ids.map((id) => ({ id, name: 'test.push', queue: 'default' as const, dueAt: 0 })),
    );
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['RETRY', 'RETRY', 'FAILURE']);
    await engine.drain();
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'FAILURE']);
    expect((await rowOf(ids[0]!)).attempt).toBe(2);
  });

  it('all end as the context asks: retry, snooze and fail', async () => {
    const { definition } = bulkPush({}, ({ ctx }) => ctx.fail('the account is closed'));
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(2));
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['FAILURE', 'FAILURE']);
    const waiting = bulkPush({ name: 'test.waiting' }, ({ ctx }) => ctx.snooze({ for: 30 }));
    const other = await makeEngine([waiting.definition]);
    const snoozed = await push(other, waiting.definition, to(2));
    await other.deliver();
    expect((await Promise.all(snoozed.map(rowOf))).map(({ state, attempt }) => [state, attempt])).toEqual([
      ['RETRY', 0],
      ['RETRY', 0],
    ]);
  });

  it('do not run what has expired, and refuse an input that no longer fits, alone', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const [late] = await push(engine, definition, to(1), { expires: 1 });
    const rest = await push(engine, definition, to(3));
    await env.DB.prepare('UPDATE tasks SET input = ?1 WHERE id = ?2').bind('{"to":1}', rest[1]!).run();
    engine.advance(2);
    await engine.deliver();
    expect(await statesOf([late!, ...rest])).toEqual(['REVOKED', 'SUCCESS', 'FAILURE', 'SUCCESS']);
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([2]);
  });

  it('log and show progress each for themselves', async () => {
    const { definition } = bulkPush({}, ({ ctx }) => {
      ctx.log('sending');
      ctx.members[1]?.log('second', { n: 1 });
      ctx.members[1]?.progress(50, 'half');
    });
    const engine = await makeEngine([definition]);
    const infos: [string, unknown][] = [];
    engine.logger.info = (message, fields) => void infos.push([message, fields]);
    const ids = await push(engine, definition, to(2));
    await engine.deliver();
    const attempts = await Promise.all(ids.map((id) => listAttempts(engine, id)));
    expect(attempts.map(([one]) => one?.logs.map(({ message }) => message))).toEqual([[], ['second']]);
    expect((await findTask(engine, ids[1]!)).progress).toMatchObject({ percent: 100, message: 'half' });
    expect(infos).toContainEqual(['sending', expect.objectContaining({ task: 'test.push', tasks: 2 })]);
    expect(infos.filter(([message]) => message === 'sending')).toHaveLength(1);
  });

  it('have idempotency keys of their own, the same in each attempt', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(2, { say: ['retry', 'succeed'] }));
    await engine.drain();
    expect(calls.flatMap(({ ctx }) => ctx.members.map(({ idempotencyKey }) => idempotencyKey)).sort()).toEqual(
      [...ids, ...ids].sort(),
    );
    expect(new Set(calls.map(({ ctx }) => ctx.batchId)).size).toBe(calls.length);
  });

  it('name the batch in their attempts, also those that succeed without a log line', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const [late] = await push(engine, definition, to(1), { expires: 1 });
    const ids = await push(engine, definition, [{ say: ['succeed'] }, { say: ['error', 'succeed'] }]);
    engine.advance(2);
    await engine.deliver();
    const batch = { id: calls[0]?.ctx.batchId, tasks: 2 };
    expect((await listAttempts(engine, ids[0]!)).map((one) => one.batch)).toEqual([batch]);
    await engine.drain();
    const again = { id: calls[1]?.ctx.batchId, tasks: 1 };
    expect((await listAttempts(engine, ids[1]!)).map((one) => one.batch)).toEqual([batch, again]);
    expect(await listAttempts(engine, late!)).toEqual([]);
    await retryTasks(engine, [ids[0]!], Number.MAX_SAFE_INTEGER);
    expect((await listAttempts(engine, ids[0]!)).map((one) => one.batch)).toEqual([batch]);
  });
});

it('batches are counted, with the attempts that ran in them, and summed up', async () => {
  await env.DB.batch(['task_stats', 'task_totals', 'sweeps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  const { definition, calls } = bulkPush();
  const engine = await makeEngine([definition]);
  await push(engine, definition, to(1), { expires: 1 });
  await push(engine, definition, [...to(14), { say: ['error', 'succeed'] }]);
  engine.advance(2);
  await engine.drain();
  const wanted = { batches: calls.length, batched: 16 };
  expect(calls.length).toBeGreaterThanOrEqual(3);
  const find = async () => (await readTotals(engine)).filter(({ name }) => name === 'test.push');
  expect(await find()).toMatchObject([wanted]);
  engine.advance(3600);
  await sweep(engine);
  engine.advance(3600);
  await sweep(engine);
  expect(await find()).toMatchObject([wanted]);
  const { results } = await env.DB.prepare('SELECT batches, batched FROM task_totals').all();
  expect(results).toEqual([wanted]);
});

describe('a batch', () => {
  it('may be part of a chain and of a chord', async () => {
    const { definition, calls } = bulkPush();
    const count = defineTask({
      name: 'test.count',
      input: z.object({ results: z.array(z.object({ to: z.string() })) }),
      output: z.object({ to: z.string() }),
      run: ({ results }) => ({ to: results.map((one) => one.to).join(',') }),
    });
    const engine = await makeEngine([definition, count]);
    useEngine(engine);
    const header = to(10).map((one) => definition.s(one));
    const { resultTaskId } = await chain(chord(header, count.s()), definition.s()).enqueue();
    await engine.drain();
    const all = to(10)
      .map((one) => one.to)
      .join(',');
    expect((await findTask(engine, resultTaskId)).result).toEqual({ json: JSON.stringify({ to: all }) });
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([10, 1]);
  });

  it('is not run for the undos of a task that had steps before its definition had batches', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(2));
    const undoing = JSON.stringify({ state: 'FAILURE', error: { code: 'error', type: 'Error', message: 'earlier' } });
    await env.DB.batch([
      env.DB.prepare('UPDATE tasks SET has_undo = 1, fence = 1, attempt = 1, undoing = ?1 WHERE id = ?2').bind(
        undoing,
        ids[0]!,
      ),
      env.DB.prepare(
        `INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, undo, started_at, ended_at, attempt, tries)
         VALUES (?1, 'charge', 1, 1, 'do', 'done', 'offered', 1, 2, 1, 1)`,
      ).bind(ids[0]!),
    ]);
    await engine.drain(40);
    const task = await findTask(engine, ids[0]!);
    expect([task.state, task.error?.code]).toEqual(['FAILURE', 'undo_failed']);
    expect(task.error?.message).toMatch(/charge.*a batch handler has no steps/);
    expect(calls.map(({ ctx }) => ctx.members.map(({ id }) => id))).toEqual([[ids[1]]]);
  }, 30_000);

  it('holds in eager mode what was enqueued together', async () => {
    const { definition, calls } = bulkPush();
    const engine = await makeEngine([definition]);
    const eager = makeEager(engine);
    await enqueue(
      eager,
      to(12).map((input) => ({ definition, input })),
    );
    await enqueue(eager, [{ definition, input: {} }]);
    expect(calls.map(({ inputs }) => inputs.length)).toEqual([10, 2, 1]);
  });

  it('has no steps: the type has none, and code without types fails with the name of its definition', async () => {
    const { definition } = bulkPush({}, ({ ctx }) => {
      // @ts-expect-error a batch has no steps
      return ctx.step.do('once', () => 1);
    });
    const engine = await makeEngine([definition]);
    const [id] = await push(engine, definition, to(1));
    await engine.deliver();
    expect((await findTask(engine, id!)).error).toMatchObject({
      code: 'no_steps',
      message: expect.stringMatching(/^test\.push: a batch handler has no steps/),
    });
  });

  it('ends by the timeout of its tasks', async () => {
    const { definition } = bulkPush({ timeoutSeconds: 1, retry: { max: 0 } }, () => new Promise(() => {}));
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, to(2));
    const delivered = engine.deliver();
    const ticking = setInterval(() => engine.advance(1), 100);
    await delivered;
    clearInterval(ticking);
    const tasks = await Promise.all(ids.map((id) => findTask(engine, id)));
    expect(tasks.map(({ state, error }) => [state, error?.code])).toEqual([
      ['FAILURE', 'timeout'],
      ['FAILURE', 'timeout'],
    ]);
  }, 20_000);

  it('is refused at start-up where its parts contradict each other', () => {
    const parts = { name: 'a.b', input: z.object({}), output: z.object({}) };
    const runMany = () => [];
    const run = () => ({});
    const batch = { size: 2 };
    const refused: [object, RegExp][] = [
      [{ batch, run, runMany }, /^a\.b: run and runMany exclude each other/],
      [{ batch, run }, /^a\.b: batch needs runMany/],
      [{ runMany }, /^a\.b: runMany needs batch/],
      [{ batch, runMany, start: 'here' }, /^a\.b: start: 'here' and batch exclude each other/],
      [{ batch: { size: 0 }, runMany }, /^a\.b: batch\.size/],
      [{ batch: { size: 501 }, runMany }, /^a\.b: batch\.size/],
      [{ batch: { size: 1.5 }, runMany }, /^a\.b: batch\.size/],
      [{ batch: { size: 2, waitMs: -1 }, runMany }, /^a\.b: batch\.waitMs/],
      [{ batch: { size: 2, waitMs: 60_001 }, runMany }, /^a\.b: batch\.waitMs/],
    ];
    for (const [options, message] of refused)
      expect(() => defineTask({ ...parts, ...options } as never)).toThrow(message);
    // @ts-expect-error run and runMany exclude each other
    expect(() => defineTask({ ...parts, batch, run, runMany })).toThrow();
    // @ts-expect-error tasks that gather do not start at once
    expect(() => defineTask({ ...parts, batch, runMany, start: 'here' })).toThrow();
    // @ts-expect-error an outcome that does not fit the output schema
    defineTask({ ...parts, output: z.object({ n: z.number() }), batch, runMany: () => [{ result: { n: 'x' } }] });
  });

  it('retries by the policy of its definition', async () => {
    const { definition } = bulkPush({ retry: { failOn: (error) => error instanceof TypeError } });
    const engine = await makeEngine([definition]);
    const ids = await push(engine, definition, [{ say: ['error'] }, { say: ['succeed'] }]);
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['FAILURE', 'SUCCESS']);
  });
});
