// The engine's invariants 1–5: what happens to messages, claims and retries. Each test fails when its invariant is broken.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { consume, consumeDead, enqueue, findTask, revokeTask, sweep } from '../../src/engine/manage.ts';
import { renewLease } from '../../src/engine/store/renew-lease.ts';
import { settleTasks } from '../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../support/dying.ts';
import { aBatch, makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

describe('1. accepted means kept', () => {
  it('a task whose message was never sent gets one from the sweep', async () => {
    const engine = await makeEngine([scripted]);
    engine.queues.default.sendBatch = () => Promise.reject(new Error('Internal Server Error (15000)'));
    const id = await enqueueOne(engine);
    await engine.idle();
    expect(engine.sent.default).toEqual([]);
    expect(engine.complaints.map(({ message }) => message)).toContain(
      'queue message not sent; the sweep sends it again',
    );

    const healed = await makeEngine([scripted]);
    healed.advance(20);
    expect((await sweep(healed)).redeliver).toBe(1);
    await healed.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('a lost message, a lost delayed message and a far ETA all come back through the sweep', async () => {
    const engine = await makeEngine([scripted]);
    const requests = [0, 600, 5 * 86_400].map((countdown) => ({
      definition: scripted,
      input: {},
      options: { countdown },
    }));
    const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
    await engine.idle();
    expect(engine.sent.default.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 600]);
    for (const seconds of [20, 600, 5 * 86_400]) {
      engine.sent.default.splice(0); // the server restarts, its queue in memory is gone
      engine.advance(seconds);
      await sweep(engine);
      await engine.deliver();
    }
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(ids.flatMap(runsOf)).toHaveLength(3);
  });

  it('a message for a far ETA is sent some hours before, with a delay to the second', async () => {
    const engine = await makeEngine([scripted]);
    const eta = new Date(engine.clock.now() + 3 * 86_400_000);
    await enqueue(engine, [{ definition: scripted, input: {}, options: { eta } }]);
    await engine.idle();
    expect(engine.sent.default).toEqual([]);
    engine.advance(3 * 86_400 - 4 * 3600);
    await sweep(engine);
    expect(engine.sent.default.map(({ delaySeconds }) => delaySeconds)).toEqual([4 * 3600]);
  });
});

describe('2. deliveries are hints', () => {
  it('any message may come twice, late, early or for a finished task', async () => {
    const engine = await makeEngine([scripted]);
    const ids = [await enqueueOne(engine), await enqueueOne(engine), await enqueueOne(engine)];
    const later = await enqueue(engine, [{ definition: scripted, input: {}, options: { countdown: 60 } }]);
    await engine.idle();
    const bodies = [{ ids }, { ids: [...ids].reverse() }, { ids: [ids[0]] }, { ids: [later[0]!.taskId] }];
    for (let again = 0; again < 3; again++) await consume(engine, 'default', aBatch('default', bodies));
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(ids.flatMap(runsOf)).toHaveLength(3);
    expect(await statesOf([later[0]!.taskId])).toEqual(['PENDING']);
  });

  it('a message for a task that does not exist changes nothing and is acknowledged', async () => {
    const engine = await makeEngine([scripted]);
    const batch = aBatch('default', [{ ids: [crypto.randomUUID()] }]);
    await consume(engine, 'default', batch);
    expect(batch.acked).toEqual([0]);
  });

  it('an unreadable message is logged and acknowledged, and its neighbours are handled', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const garbage = [null, 'x', 7, {}, { ids: [] }, { ids: ['1; DROP TABLE tasks'] }, { ids: 'x' }];
    const batch = aBatch('default', [...garbage, { ids: [id] }]);
    await consume(engine, 'default', batch);
    expect(batch.acked).toHaveLength(garbage.length + 1);
    expect(batch.retried).toEqual([]);
    expect(engine.complaints).toHaveLength(garbage.length);
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });
});

describe('3. fenced claims', () => {
  it('an invocation that lost its task changes no row: neither by settling, nor by progress, nor by renewal', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const zombie = await claimAndDie(engine, [id]);
    engine.advance(60);
    await sweep(engine);
    const heir = await claimAndDie(engine, [id], true);
    const before = await rowOf(id);

    await settleTasks(engine, [aSettlement(zombie.tasks[0]!)]);
    const progress = { percent: 50, message: 'late', current: null, total: null };
    const held = await renewLease(engine, { leaseId: zombie.leaseId, running: [{ ...zombie.tasks[0]!, progress }] });
    expect(held.size).toBe(0);
    expect(await rowOf(id)).toEqual(before);

    await settleTasks(engine, [aSettlement(heir.tasks[0]!)]);
    expect((await rowOf(id)).state).toBe('SUCCESS');
  });

  it('two deliveries at once claim each task once', async () => {
    const engine = await makeEngine([scripted]);
    const ids = (
      await enqueue(
        engine,
        Array.from({ length: 50 }, () => ({ definition: scripted, input: {} })),
      )
    ).map((r) => r.taskId);
    await Promise.all([1, 2, 3].map(() => consume(engine, 'default', aBatch('default', [{ ids }]))));
    expect(ids.flatMap(runsOf)).toHaveLength(50);
  });
});

describe('4. one attempt at a time', () => {
  it('a revoked task has its signal aborted by the heartbeat and its result discarded', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['hang'] });
    const delivery = engine.deliver();
    await vi.waitFor(() => expect(runsOf(id)).toHaveLength(1));
    await revokeTask(engine, id);
    await delivery;
    expect(runsOf(id)[0]!.context.signal.aborted).toBe(true);
    const task = await findTask(engine, id);
    expect([task.state, task.error?.code, task.result]).toEqual(['REVOKED', 'revoked', undefined]);
  });

  it('a task that ignores its signal is not waited for', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['ignore'] });
    const delivery = engine.deliver();
    await vi.waitFor(() => expect(runsOf(id)).toHaveLength(1));
    await revokeTask(engine, id);
    await delivery;
    expect(await statesOf([id])).toEqual(['REVOKED']);
  });

  it('the lease of healthy code is renewed, so that no sweep takes its task', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['hang'] });
    const delivery = engine.deliver();
    await vi.waitFor(() => expect(runsOf(id)).toHaveLength(1));
    engine.advance(29); // one second before it would run out
    const renewedUntil = engine.clock.now() + 30_000;
    await vi.waitFor(
      async () => {
        const leases = await env.DB.prepare('SELECT until FROM leases WHERE task_ids LIKE ?').bind(`%${id}%`).all();
        expect(leases.results).toEqual([{ until: renewedUntil }]);
      },
      { timeout: 5000 },
    );
    engine.advance(10);
    expect((await sweep(engine)).rescue).toBe(0);
    await revokeTask(engine, id);
    await delivery;
    expect(runsOf(id)).toHaveLength(1);
  });
});

describe('5. the engine retries, not the queue', () => {
  it('a failing task is retried by the engine: its message is acknowledged', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['throw', 'throw', 'succeed'] });
    await engine.idle();
    const batch = aBatch('default', [engine.sent.default.splice(0)[0]!.body]);
    await consume(engine, 'default', batch);
    expect([batch.acked, batch.retried]).toEqual([[0], []]);
    await engine.idle();
    expect(engine.sent.default.map(({ delaySeconds }) => delaySeconds)).toEqual([5]);
    await engine.drain();
    expect((await findTask(engine, id)).attempts).toBe(3);
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('the queue brings a message again only when D1 is away, and no error is thrown', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const away = await makeEngine([scripted], {
      db: {
        ...env.DB,
        prepare: env.DB.prepare.bind(env.DB),
        batch: () => Promise.reject(new Error('D1_ERROR: overloaded')),
      } as never,
    });
    const batch = aBatch('default', [{ ids: [id] }]);
    await consume(away, 'default', batch);
    expect([batch.acked, batch.retried]).toEqual([[], [0]]);
    expect(await statesOf([id])).toEqual(['PENDING']);
  });

  it('dead letters are put back by the sweep, never lost', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await engine.idle();
    engine.sent.default.splice(0);
    const batch = aBatch('dead', [{ ids: [id] }]);
    await consumeDead(engine, batch);
    expect(batch.acked).toEqual([0]);
    await sweep(engine);
    await engine.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });
});
