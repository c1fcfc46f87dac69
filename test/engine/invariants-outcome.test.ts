// The engine's invariants 6–10: commits, crashes, neighbours, keys, effects. Each test fails when its invariant is broken.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { consume, enqueue, findTask, sweep } from '../../src/engine/manage.ts';
import { settleTasks } from '../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../support/dying.ts';
import { aBatch, makeEngine, rowOf, statesOf, type TestEngine } from '../support/engine.ts';
import { runs, runsOf, scripted } from '../support/scripted.ts';

describe('6. one commit per consequence', () => {
  it('state, history and counters are one batch: when it fails, no row has changed', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['fail'] });
    await env.DB.exec(
      "CREATE TRIGGER no_failure BEFORE UPDATE OF state ON tasks WHEN new.state = 'FAILURE' BEGIN SELECT RAISE(ABORT, 'constraint failed: planted'); END",
    );
    const { results: countersBefore } = await env.DB.prepare('SELECT * FROM task_stats').all();
    const { tasks } = await claimAndDie(engine, [id]);
    const error = { code: 'x', type: 'X', message: 'x' };
    const failing = {
      ...aSettlement(tasks[0]!),
      state: 'FAILURE' as const,
      outcome: 'FAILURE' as const,
      result: undefined,
      error,
    };
    await expect(settleTasks(engine, [failing])).rejects.toThrow(/planted/);
    await env.DB.exec('DROP TRIGGER no_failure');
    expect((await rowOf(id)).state).toBe('STARTED');
    expect((await env.DB.prepare('SELECT * FROM attempts WHERE task_id = ?').bind(id).all()).results).toEqual([]);
    expect((await env.DB.prepare('SELECT * FROM task_stats').all()).results).toEqual(countersBefore);
  });

  it('settling twice counts once', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const { tasks } = await claimAndDie(engine, [id]);
    const succeeded = async () =>
      (await env.DB.prepare('SELECT sum(succeeded) AS n FROM task_stats').first<{ n: number }>())?.n ?? 0;
    const before = await succeeded();
    await settleTasks(engine, [aSettlement(tasks[0]!)]);
    await settleTasks(engine, [aSettlement(tasks[0]!)]);
    expect((await succeeded()) - before).toBe(1);
  });
});

describe('7. a crash is not an error', () => {
  it('counts crashes apart from retries, and ends the task at the third', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    for (let crash = 1; crash <= 3; crash++) {
      const { tasks } = await claimAndDie(engine, [id], true);
      expect(tasks).toHaveLength(1);
      engine.advance(31);
      await sweep(engine);
      const task = await findTask(engine, id);
      expect([task.crashes, task.state]).toEqual([crash, crash < 3 ? 'RETRY' : 'FAILURE']);
    }
    const task = await findTask(engine, id);
    expect([task.error?.code, task.maxRetries]).toEqual(['poisoned', 3]);
    expect((await claimAndDie(engine, [id], true)).tasks).toEqual([]);
  });

  it('a task that crashed twice still has all its retries', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['throw', 'throw', 'throw', 'succeed'] });
    await engine.idle();
    for (let crash = 1; crash <= 2; crash++) {
      await claimAndDie(engine, [id], true);
      engine.advance(31);
      await sweep(engine);
    }
    await engine.drain();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });
});

describe('8. one bad task harms no other', () => {
  it('in its delivery', async () => {
    const engine = await makeEngine([scripted]);
    const inputs = [{ do: ['fail'] }, {}, { do: ['throw'] }, { value: 1 }, { do: ['snooze'] }, {}];
    const requests = inputs.map((input) => ({ definition: scripted, input }));
    const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['FAILURE', 'SUCCESS', 'RETRY', 'SUCCESS', 'RETRY', 'SUCCESS']);
  });

  it('a task that may have crashed its isolate runs alone from then on, so that no other task crashes with it', async () => {
    const engine = await makeEngine([scripted]);
    const requests = Array.from({ length: 5 }, () => ({ definition: scripted, input: {} }));
    const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
    await engine.idle();
    engine.sent.default.splice(0);
    await claimAndDie(engine, ids);
    engine.advance(31);
    await sweep(engine);
    const bodies = engine.sent.default.map(({ body }) => body).filter(({ ids: [id] }) => ids.includes(id!));
    expect(bodies.map((body) => [body.ids.length, body.alone])).toEqual(ids.map(() => [1, true]));
    // A message that names them together cannot start them together either.
    expect((await claimAndDie(engine, ids)).tasks).toEqual([]);

    const started = runs.length;
    await consume(engine, 'default', aBatch('default', bodies));
    expect(runs.length - started).toBe(5);
    expect(new Set(await statesOf(ids))).toEqual(new Set(['SUCCESS']));
  });
});

describe('9. enqueue is idempotent where asked', () => {
  const send = (engine: TestEngine, key: string, input: object) =>
    enqueue(engine, [{ definition: scripted, input, options: { idempotencyKey: key } }]).then(([receipt]) => receipt!);

  it('the same idempotency key and input give the same task, in any order of the input’s fields', async () => {
    const engine = await makeEngine([scripted]);
    const first = await send(engine, 'k1', { value: { a: 1, b: 2 }, do: ['succeed'] });
    const second = await send(engine, 'k1', { do: ['succeed'], value: { b: 2, a: 1 } });
    expect(second).toEqual({ taskId: first.taskId, duplicate: true, since: engine.clock.now() });
    await engine.drain();
    expect(runsOf(first.taskId)).toHaveLength(1);
  });

  it('another input under the same idempotency key is refused, and no task of the call is enqueued', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await send(engine, 'k2', { value: 1 });
    const count = async () => (await env.DB.prepare('SELECT count(*) AS n FROM tasks').first<{ n: number }>())!.n;
    const before = await count();
    const call = enqueue(engine, [
      { definition: scripted, input: {} },
      { definition: scripted, input: { value: 2 }, options: { idempotencyKey: 'k2' } },
    ]);
    await expect(call).rejects.toMatchObject({
      code: 'idempotency_conflict',
      message: expect.stringContaining(taskId),
    });
    expect(await count()).toBe(before);
  });

  it('many calls at once with one idempotency key make one task', async () => {
    const engine = await makeEngine([scripted]);
    const receipts = await Promise.all(Array.from({ length: 20 }, () => send(engine, 'k3', { value: 3 })));
    expect(new Set(receipts.map(({ taskId }) => taskId)).size).toBe(1);
    expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });

  it('an idempotency key is free again after 24 hours', async () => {
    const engine = await makeEngine([scripted]);
    const first = await send(engine, 'k4', { value: 4 });
    engine.advance(86_401);
    const second = await send(engine, 'k4', { value: 5 });
    expect(second.duplicate).toBe(false);
    expect(second.taskId).not.toBe(first.taskId);
  });

  it('a unique task stands in for all that are enqueued within its time', async () => {
    const engine = await makeEngine([scripted]);
    const unique = (value: number, idempotencyKey?: string) =>
      enqueue(engine, [
        {
          definition: scripted,
          input: { value },
          options: { unique: { forSeconds: 60 }, ...(idempotencyKey && { idempotencyKey }) },
        },
      ]).then(([receipt]) => receipt!);
    const first = await unique(10);
    const stand = { taskId: first.taskId, duplicate: true, since: engine.clock.now() };
    expect(await unique(10)).toEqual(stand);
    expect((await unique(11)).duplicate).toBe(false);
    // An idempotency key brought along by a duplicate names the task that stands in, for as long as it is remembered.
    expect(await unique(10, 'fresh')).toEqual(stand);
    engine.advance(61);
    expect(await unique(10, 'fresh')).toEqual(stand);
    const later = await unique(10);
    expect(later.duplicate).toBe(false);
    expect((await findTask(engine, later.taskId)).id).toBe(later.taskId);
  });
});

describe('10. effects happen once', () => {
  it('the idempotency key is the same over attempts, crashes and redeliveries', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['throw', 'snooze', 'succeed'] });
    await engine.drain();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
    expect(new Set(runsOf(id).map(({ context }) => context.idempotencyKey))).toEqual(new Set([id]));
  });
});
