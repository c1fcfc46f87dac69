// Undos: once each, in reverse, when the task ends otherwise.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { chain, PermanentFailure, type TaskContext } from '../../../src/engine/index.ts';
import {
  enqueue,
  enqueueWorkflow,
  findTask,
  listAttempts,
  retryTask,
  revokeTask,
  revokeWorkflow,
  sweep,
} from '../../../src/engine/manage.ts';
import { claimAndDie } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { runSteps, stepped, stepRowsOf } from '../../support/stepped.ts';

/** A checkout that fails, and what happened. */
function checkout(end: (ctx: TaskContext) => unknown, undone: string[], fails: Record<string, number> = {}) {
  const left = { ...fails };
  return async (ctx: TaskContext) => {
    for (const name of ['reserve', 'charge', 'ship']) {
      await ctx.step.do(name, () => `${name}d`, {
        undo: (result) => {
          if ((left[name] ?? 0) > 0) {
            left[name] = (left[name] ?? 0) - 1;
            throw new Error(`cannot undo ${name}`);
          }
          undone.push(result);
        },
      });
    }
    await end(ctx);
  };
}

const fail = () => {
  throw new PermanentFailure('out of stock', 'sold_out');
};

const doneOf = async (id: string) => {
  const row = await env.DB.prepare('SELECT done, total FROM workflows WHERE id = ?')
    .bind(id)
    .first<{ done: number; total: number }>();
  return [row?.done, row?.total];
};

describe('the undos of a task', () => {
  it('run in reverse when it fails for good, before it is final', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(fail, undone));
    expect(await rowOf(id)).toMatchObject({
      state: 'RETRY',
      undoing: expect.stringContaining('sold_out'),
      finished_at: null,
    });
    await engine.drain();
    expect(undone).toEqual(['shipd', 'charged', 'reserved']);
    const task = await findTask(engine, id);
    expect([task.state, task.error?.code, task.attempts]).toEqual(['FAILURE', 'sold_out', 1]);
    expect((await stepRowsOf(id)).map(({ undo }) => undo)).toEqual(['done', 'done', 'done']);
  });

  it('run when it is revoked while it waits, and while it runs', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(({ step }) => step.sleep('long', '1 day'), undone));
    await revokeTask(engine, id);
    expect((await rowOf(id)).state).toBe('RETRY');
    await engine.drain();
    expect([undone, (await findTask(engine, id)).state]).toEqual([['shipd', 'charged', 'reserved'], 'REVOKED']);

    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const again: string[] = [];
    const definition = stepped(
      checkout(() => {
        begun.resolve();
        return gate.promise;
      }, again),
    );
    const other = await makeEngine([definition]);
    const [receipt] = await enqueue(other, [{ definition, input: null }]);
    const running = other.deliver();
    await begun.promise;
    await revokeTask(other, receipt!.taskId);
    gate.resolve();
    await running;
    await other.drain();
    expect([again, (await findTask(other, receipt!.taskId)).state]).toEqual([
      ['shipd', 'charged', 'reserved'],
      'REVOKED',
    ]);
  });

  it('run when it expires while it waits', async () => {
    const undone: string[] = [];
    const definition = stepped(checkout(({ step }) => step.sleep('long', '1 day'), undone));
    const engine = await makeEngine([definition]);
    const [receipt] = await enqueue(engine, [{ definition, input: null, options: { expires: 3600 } }]);
    await engine.deliver();
    engine.advance(3700);
    await sweep(engine);
    await engine.drain();
    const task = await findTask(engine, receipt!.taskId);
    expect([undone, task.state, task.error?.code]).toEqual([['shipd', 'charged', 'reserved'], 'REVOKED', 'expired']);
  });

  it('run when it is poisoned, and go on after a crash', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(({ step }) => step.sleep('long', '1 minute'), undone));
    for (let crash = 0; crash < 4; crash++) {
      engine.advance(120);
      engine.sent.default.splice(0);
      await claimAndDie(engine, [id], true);
      engine.advance(60);
      await sweep(engine);
    }
    expect(await rowOf(id)).toMatchObject({ crashes: 4, undoing: expect.stringContaining('poisoned') });
    await engine.drain();
    expect([undone, (await findTask(engine, id)).error?.code]).toEqual([['shipd', 'charged', 'reserved'], 'poisoned']);
  });

  it('that fail are tried again; one that never succeeds makes the task FAILURE "undo_failed", and the others have run', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(fail, undone, { ship: 2 }));
    await engine.drain(40);
    expect([undone, (await findTask(engine, id)).error?.code]).toEqual([['shipd', 'charged', 'reserved'], 'sold_out']);

    const others: string[] = [];
    const second = await runSteps(checkout(fail, others, { charge: 100 }));
    await second.engine.drain(40);
    const task = await findTask(second.engine, second.id);
    expect(others).toEqual(['shipd', 'reserved']);
    expect(task.error).toMatchObject({
      code: 'undo_failed',
      message: expect.stringMatching(/"charge": cannot undo charge/),
    });
    expect((await stepRowsOf(second.id)).map(({ undo, undo_tries }) => [undo, undo_tries])).toEqual([
      ['done', 1],
      ['failed', 5],
      ['done', 1],
    ]);
  });

  it('run although one of them hangs, which is named', async () => {
    const undone: string[] = [];
    const code = async ({ step }: TaskContext) => {
      for (const name of ['first', 'hangs', 'last'])
        await step.do(name, () => name, {
          undo: (result) => (result === 'hangs' ? new Promise(() => {}) : undone.push(String(result))),
        });
      fail();
    };
    const { engine, id } = await runSteps(code, { timeoutSeconds: 1 });
    await engine.drain(40);
    expect(undone).toEqual(['last', 'first']);
    expect((await findTask(engine, id)).error).toMatchObject({
      code: 'undo_failed',
      message: expect.stringMatching(/"hangs": the step "hangs" timed out after 0\.9 s$/),
    });
    expect((await stepRowsOf(id)).map(({ name, undo, undo_tries }) => [name, undo, undo_tries])).toEqual([
      ['first', 'done', 1],
      ['hangs', 'failed', 5],
      ['last', 'done', 1],
    ]);
  });

  it('run as far as they are known when the code hangs before it comes to the others', async () => {
    let attempts = 0;
    const undone: string[] = [];
    const code = async ({ step }: TaskContext) => {
      await step.do('first', () => 1, { undo: () => undone.push('first') });
      if (++attempts > 1) await new Promise(() => {});
      await step.do('second', () => 2, { undo: () => undone.push('second') });
      fail();
    };
    const { engine, id } = await runSteps(code, { timeoutSeconds: 1 });
    await engine.drain(40);
    expect(undone).toEqual(['first']);
    expect((await findTask(engine, id)).error?.message).toMatch(/"second": the code did not come to this step/);
  });

  it('wait for another attempt when the code throws before it comes to them', async () => {
    let attempts = 0;
    const undone: string[] = [];
    const code = async ({ step }: TaskContext) => {
      if (++attempts === 2) throw new Error('the service is away');
      await step.do('one', () => 1, { undo: () => undone.push('one') });
      fail();
    };
    const { engine, id } = await runSteps(code);
    await engine.drain(40);
    expect([undone, (await findTask(engine, id)).error?.code]).toEqual([['one'], 'sold_out']);
  });

  it('are told by the attempts: one failed for good, then its undos ran; it was not retried', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(fail, undone, { ship: 1 }));
    await engine.drain(40);
    expect((await listAttempts(engine, id)).map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
      ['FAILURE', 'undo'],
      ['SNOOZED', 'step'],
      ['FAILURE', 'undone'],
    ]);
    const counted = await env.DB.prepare(
      "SELECT sum(failed) AS failed, sum(retried) AS retried FROM task_stats WHERE name = 'test.stepped' AND minute >= ?",
    )
      .bind(engine.clock.now() - 3_600_000)
      .first<{ failed: number; retried: number }>();
    expect(counted?.retried).toBe(0);
    expect(engine.complaints.map(({ message }) => message)).toContain('task failed, and its steps are undone');
  });

  it('do not run when it succeeds, and are not offered by steps that did not end', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(checkout(() => 1, undone));
    expect([(await findTask(engine, id)).state, undone]).toEqual(['SUCCESS', []]);
    expect((await rowOf(id)).has_undo).toBe(1);
    expect(engine.sent.default).toEqual([]);
  });

  it('that the code no longer has are named', async () => {
    let attempt = 0;
    const { engine, id } = await runSteps(async ({ step }) => {
      if (++attempt > 1) return;
      await step.do('gone', () => 1, { undo: () => {} });
      fail();
    });
    await engine.drain();
    expect((await findTask(engine, id)).error).toMatchObject({
      code: 'undo_failed',
      message: expect.stringContaining('"gone"'),
    });
  });

  it('after them, a retry by hand runs the undone steps again', async () => {
    const undone: string[] = [];
    let ends = fail as () => unknown;
    const { engine, id } = await runSteps(checkout(() => ends(), undone));
    await engine.drain();
    ends = () => 'fine';
    await retryTask(engine, id);
    await engine.drain();
    expect((await findTask(engine, id)).state).toBe('SUCCESS');
    expect((await stepRowsOf(id)).map(({ outcome, undo }) => [outcome, undo])).toEqual([
      ['done', 'offered'],
      ['done', 'offered'],
      ['done', 'offered'],
    ]);
  });

  it('run when its workflow is revoked, which ends when they have run', async () => {
    const undone: string[] = [];
    const definition = stepped(checkout(({ step }) => step.sleep('long', '1 day'), undone));
    const engine = await makeEngine([definition]);
    const node = chain(definition.si(null), definition.si(null)).node;
    const { workflowId, taskIds } = await enqueueWorkflow(engine, node);
    await engine.deliver();
    await revokeWorkflow(engine, workflowId);
    expect(await statesOf(taskIds)).toEqual(['RETRY', 'REVOKED']);
    expect(await doneOf(workflowId)).toEqual([1, 2]);
    await engine.drain();
    expect([undone, await statesOf(taskIds), await doneOf(workflowId)]).toEqual([
      ['shipd', 'charged', 'reserved'],
      ['REVOKED', 'REVOKED'],
      [2, 2],
    ]);
  });

  it('are all recorded although D1 does not answer once, also when no retry is left', async () => {
    const undone: string[] = [];
    const definition = stepped(checkout(fail, undone), { retry: { max: 0 } });
    const engine = await makeEngine([definition]);
    const { db } = engine;
    let refusals = 1;
    const failing = (statements: D1PreparedStatement[]) => {
      const isAway = undone.length === 1 && refusals-- > 0;
      return isAway ? Promise.reject(new Error('D1_ERROR: away')) : db.batch(statements);
    };
    engine.db = new Proxy(db, {
      get: (target, property) => (property === 'batch' ? failing : Reflect.get(target, property)) as unknown,
    });
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    await engine.drain();
    expect([undone, (await findTask(engine, receipt!.taskId)).error?.code]).toEqual([
      ['shipd', 'charged', 'reserved'],
      'sold_out',
    ]);
    expect((await stepRowsOf(receipt!.taskId)).map(({ undo }) => undo)).toEqual(['done', 'done', 'done']);
  });
});
