// Steps that sleep and wait: they hold nothing meanwhile, and no event is lost.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StepTimeout } from '../../../src/engine/index.ts';
import {
  enqueue,
  findTask,
  findTaskWithWait,
  listAttempts,
  revokeTask,
  sendEvent,
  sweep,
} from '../../../src/engine/manage.ts';
import { claimAndDie } from '../../support/dying.ts';
import { makeEngine, rowOf, type TestEngine } from '../../support/engine.ts';
import { runSteps, stepped, stepRowsOf } from '../../support/stepped.ts';

const resultOf = async (engine: TestEngine, id: string) => {
  const { state, result, error } = await findTask(engine, id);
  return result && 'json' in result ? [state, JSON.parse(result.json)] : [state, error?.code];
};

/** The tests’ clocks are not the same. */
const forgetEvents = () => env.DB.prepare('DELETE FROM events').run();

beforeEach(forgetEvents);

describe('step.sleep', () => {
  it('ends the attempt, which counts as none and holds no lease, and goes on in another one', async () => {
    const passed: string[] = [];
    const { engine, id } = await runSteps(async ({ step, attempt }) => {
      await step.do('before', () => passed.push('before'));
      await step.sleep('a day', '1 day');
      await step.do('after', () => passed.push('after'));
      return attempt;
    });
    expect(await rowOf(id)).toMatchObject({
      state: 'RETRY',
      lease_id: null,
      attempt: 0,
      due_at: engine.clock.now() + 86_400_000,
    });
    expect((await findTaskWithWait(engine, id)).waiting).toMatchObject({ reason: 'sleep', of: 'a day' });
    engine.advance(86_399);
    await engine.deliver();
    expect(passed).toEqual(['before']);
    await engine.drain();
    expect([passed, await resultOf(engine, id)]).toEqual([
      ['before', 'after'],
      ['SUCCESS', 1],
    ]);
    expect((await listAttempts(engine, id)).map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
      ['SNOOZED', 'sleep'],
      ['SUCCESS', undefined],
    ]);
  });

  it('lasts up to ten years, and the sweep wakes it', async () => {
    const { engine, id } = await runSteps(({ step }) => step.sleep('long', '10 years'));
    const [{ until } = {}] = await stepRowsOf(id);
    expect(until).toBe(engine.clock.now() + 3650 * 86_400_000);
    engine.advance(3650 * 86_400 + 60);
    await sweep(engine);
    await engine.deliver();
    expect((await findTask(engine, id)).state).toBe('SUCCESS');
  });

  it('beside others ends the attempt until the earliest; a past time does not end it', async () => {
    const { engine, id } = await runSteps(async ({ step, now }) => {
      await step.sleepUntil('past', now() - 1000);
      await Promise.all([step.sleep('long', '2 hours'), step.sleep('short', '1 hour')]);
    });
    expect((await rowOf(id)).due_at).toBe(engine.clock.now() + 3_600_000);
    await engine.drain();
    expect((await findTask(engine, id)).state).toBe('SUCCESS');
  });

  it('waits for the steps that run beside it', async () => {
    const { id } = await runSteps(({ step }) =>
      Promise.all([step.sleep('long', '2 hours'), step.do('slow', () => scheduler.wait(60).then(() => 'done'))]),
    );
    expect((await stepRowsOf(id)).map(({ name, outcome }) => [name, outcome])).toEqual([
      ['long', 'open'],
      ['slow', 'done'],
    ]);
    expect((await rowOf(id)).state).toBe('RETRY');
  });

  it('forgets the crashes before it: a task that takes days may crash more than three times', async () => {
    const { engine, id } = await runSteps(async ({ step }) => {
      for (let day = 0; day < 6; day++) {
        await step.do('work', () => day);
        await step.sleep('a day', '1 day');
      }
    });
    for (let day = 0; day < 5; day++) {
      engine.advance(86_401);
      engine.sent.default.splice(0);
      await claimAndDie(engine, [id]);
      engine.advance(60);
      await sweep(engine);
      await engine.deliver();
    }
    await engine.drain();
    const { state, attempts, crashes } = await findTask(engine, id);
    expect([state, attempts, crashes]).toEqual(['SUCCESS', 1, 0]);
  });

  it('does not outlast the deadline of the definition, which ends the task', async () => {
    const { engine, id } = await runSteps(({ step }) => step.sleep('long', '1 day'), { deadlineSeconds: 3600 });
    expect((await rowOf(id)).due_at).toBe(engine.clock.now() + 3_600_000);
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['FAILURE', 'deadline']);
  });
});

const paid = z.object({ total: z.number() });
const waiting = (options: object = {}) =>
  stepped(async ({ step }) => {
    const { payload } = await step.waitForEvent('paid', { type: 'order.paid', key: '12', schema: paid, ...options });
    return payload;
  });

async function wait(options: object = {}) {
  const definition = waiting(options);
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input: null }]);
  return { engine, id: receipt!.taskId };
}

describe('step.waitForEvent', () => {
  it('goes on at once when the event comes', async () => {
    const { engine, id } = await wait();
    await engine.deliver();
    expect((await findTaskWithWait(engine, id)).waiting).toMatchObject({ reason: 'event', of: 'order.paid 12' });
    engine.advance(10);
    const receipt = await sendEvent(engine, { type: 'order.paid', key: '12', payload: { total: 5 } });
    expect(receipt).toMatchObject({ woken: 1, duplicate: false });
    await engine.deliver();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', { total: 5 }]);
  });

  it('finds an event that came first, but none from before the task, unless `since` says so', async () => {
    const { engine, id } = await wait();
    engine.advance(1);
    await sendEvent(engine, { type: 'order.paid', key: '12', payload: { total: 5 } });
    await engine.deliver();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', { total: 5 }]);

    // Ids of tasks have the time of the real clock.
    await scheduler.wait(1100);
    const [later, since] = [waiting(), waiting({ since: 0 })];
    const other = await makeEngine([later]);
    const [late] = await enqueue(other, [{ definition: later, input: null }]);
    await other.deliver();
    expect((await findTask(other, late!.taskId)).state).toBe('RETRY');
    const third = await makeEngine([since]);
    const [early] = await enqueue(third, [{ definition: since, input: null }]);
    await third.deliver();
    expect((await findTask(third, early!.taskId)).state).toBe('SUCCESS');
  });

  it.each([
    ['another key', { key: '13' }],
    ['no key', { key: undefined }],
    ['another type', { type: 'order.sent' }],
  ])('does not take an event with %s', async (_, other) => {
    const { engine, id } = await wait();
    await engine.deliver();
    const receipt = await sendEvent(engine, { type: 'order.paid', key: '12', payload: { total: 1 }, ...other });
    expect(receipt.woken).toBe(0);
    expect((await rowOf(id)).state).toBe('RETRY');
  });

  it('times out with an error that the code can catch; the event then comes too late', async () => {
    const { engine, id } = await runSteps(async ({ step }) => {
      try {
        await step.waitForEvent('paid', { type: 'order.paid', timeout: '1 hour' });
      } catch (error) {
        if (!(error instanceof StepTimeout)) throw error;
        return step.do('give up', () => 'gave up');
      }
    });
    engine.advance(3600);
    expect((await sendEvent(engine, { type: 'order.paid' })).woken).toBe(0);
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', 'gave up']);
  });

  it('that the code does not catch, and a payload that does not fit, are FAILURE with a code', async () => {
    const { engine, id } = await wait({ timeout: 1000 });
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['FAILURE', 'step_timeout']);
    const other = await wait();
    await other.engine.deliver();
    other.engine.advance(1);
    await sendEvent(other.engine, { type: 'order.paid', key: '12', payload: { total: 'five' } });
    await other.engine.deliver();
    expect(await resultOf(other.engine, other.id)).toEqual(['FAILURE', 'invalid_event']);
  });

  it('each of two waits of a task takes an event of its own, in order', async () => {
    const { engine, id } = await runSteps(async ({ step }) => {
      const both = ['a', 'b'].map((name) => step.waitForEvent(name, { type: 'tick' }));
      const third = async () => (await step.waitForEvent('c', { type: 'tick' })).payload;
      return [...(await Promise.all(both)).map(({ payload }) => payload), await third()];
    });
    for (const payload of [1, 2, 3]) {
      engine.advance(1);
      await sendEvent(engine, { type: 'tick', payload });
    }
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', [1, 2, 3]]);
  });

  it('does not end a backoff early', async () => {
    const { engine, id } = await runSteps(({ step }) =>
      Promise.all([
        step.waitForEvent('e', { type: 'tick' }),
        scheduler.wait(30).then(() => step.do('broken', () => Promise.reject(new Error('down')))),
      ]),
    );
    const { due_at } = await rowOf(id);
    if ((await listAttempts(engine, id)).at(-1)?.outcome !== 'RETRY') return;
    await sendEvent(engine, { type: 'tick' });
    expect((await rowOf(id)).due_at).toBe(due_at);
  });

  it('ends with its task: an event wakes no revoked one', async () => {
    const { engine, id } = await wait();
    await engine.deliver();
    await revokeTask(engine, id);
    expect((await sendEvent(engine, { type: 'order.paid', key: '12' })).woken).toBe(0);
    expect((await findTask(engine, id)).state).toBe('REVOKED');
  });
});

describe('whatever the order of sending, waiting and crashing', () => {
  it('no event is lost, and none is taken twice by a task', async () => {
    const action = fc.constantFrom('send', 'deliver', 'sweep', 'again');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 10 }), async (actions) => {
        const definition = stepped(async ({ step }) => {
          const taken: unknown[] = [];
          for (let n = 0; n < 3; n++)
            taken.push((await step.waitForEvent('tick', { type: 'tick', key: 'k', timeout: '1 year' })).payload);
          return taken;
        });
        const engine = await makeEngine([definition]);
        engine.advance(Math.floor(Math.random() * 1e7));
        const [receipt] = await enqueue(engine, [{ definition, input: null }]);
        let sent = 0;
        const send = async (id = ++sent) =>
          sendEvent(engine, { type: 'tick', key: 'k', payload: id, id: `${receipt!.taskId} ${id}` });
        for (const one of actions) {
          engine.advance(1);
          // Sending and delivering run at the same time.
          if (one === 'send') await Promise.all([send(), engine.deliver()]);
          else if (one === 'again' && sent > 0) await send(sent);
          else if (one === 'deliver') await engine.deliver();
          else await sweep(engine);
        }
        while (sent < 3) {
          engine.advance(1);
          await send();
        }
        for (let round = 0; round < 12; round++) {
          engine.advance(70);
          await sweep(engine);
          await engine.deliver();
        }
        expect(await resultOf(engine, receipt!.taskId)).toEqual(['SUCCESS', [1, 2, 3]]);
        await forgetEvents();
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});
