// One attempt of a task, from its start to its outcome.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask, fixed } from '../../src/engine/index.ts';
import { enqueue, findTask, listAttempts, revokeTask } from '../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

const anything = z.json();

async function runOnce(definition: Parameters<typeof makeEngine>[0][number], input: object = {}, options = {}) {
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input, options }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId };
}

describe('retries', () => {
  it('max: 3 means four attempts in all, then FAILURE with the last error', async () => {
    const { engine, id } = await runOnce(scripted, { do: ['throw'] });
    await engine.drain();
    const task = await findTask(engine, id);
    expect(runsOf(id).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect([task.state, task.attempts, task.error?.type, task.error?.message]).toEqual([
      'FAILURE',
      4,
      'TypeError',
      'thrown on purpose',
    ]);
    expect(task.error?.traceback).toContain('scripted');
  });

  it('keep each attempt with its outcome, error and times', async () => {
    const { engine, id } = await runOnce(scripted, { do: ['throw', 'snooze', 'retry', 'succeed'] });
    await engine.drain();
    const attempts = await listAttempts(engine, id);
    expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'RETRY'],
      [2, 'SNOOZED'],
      [3, 'RETRY'],
      [4, 'SUCCESS'],
    ]);
    expect(attempts[0]!.error?.message).toBe('thrown on purpose');
    expect((await findTask(engine, id)).attempts).toBe(3);
  });

  it('ctx.retry({ in }) and a snooze are due exactly when asked', async () => {
    const { engine, id } = await runOnce(scripted, { do: ['retry', 'snooze', 'succeed'] });
    expect((await rowOf(id)).due_at).toBe(engine.clock.now() + 7000);
    engine.advance(7);
    await engine.deliver();
    expect((await rowOf(id)).due_at).toBe(engine.clock.now() + 11_000);
    expect((await rowOf(id)).attempt).toBe(1);
  });

  it('a permanent failure, an error refused by failOn, and one not chosen by retryOn are not retried', async () => {
    class Hopeless extends Error {}
    const picky = (options: object) =>
      defineTask({
        name: 'test.picky',
        input: anything,
        output: anything,
        retry: { ...options, backoff: fixed(1) },
        run: () => {
          throw new Hopeless('no');
        },
      });
    const isHopeless = (error: unknown) => error instanceof Hopeless;
    const states = [];
    for (const options of [{}, { failOn: isHopeless }, { retryOn: (e: unknown) => !isHopeless(e) }]) {
      const { id } = await runOnce(picky(options));
      states.push(...(await statesOf([id])));
    }
    const { id } = await runOnce(scripted, { do: ['fail'] });
    expect([...states, ...(await statesOf([id]))]).toEqual(['RETRY', 'FAILURE', 'FAILURE', 'FAILURE']);
  });

  it('the call may allow fewer retries than the definition', async () => {
    const { id } = await runOnce(scripted, { do: ['throw'] }, { maxRetries: 0 });
    expect(await statesOf([id])).toEqual(['FAILURE']);
  });
});

describe('an attempt', () => {
  it('that takes too long is aborted and retried like any error', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: { do: ['hang', 'succeed'] } }]);
    const id = receipt!.taskId;
    const delivery = engine.deliver();
    await vi.waitFor(() => expect(runsOf(id)).toHaveLength(1));
    engine.advance(61);
    await delivery;
    const [first] = await listAttempts(engine, id);
    expect([first!.outcome, first!.error?.code]).toEqual(['RETRY', 'timeout']);
    await engine.drain();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('of a task past its expiry does not start: REVOKED, reason expired', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {}, options: { expires: 30 } }]);
    engine.advance(31);
    await engine.deliver();
    const task = await findTask(engine, receipt!.taskId);
    expect([task.state, task.error?.code]).toEqual(['REVOKED', 'expired']);
    expect(runsOf(task.id)).toEqual([]);
  });

  it('of a task that this deployment does not know is retried later: another deployment may know it', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    const other = await makeEngine([]);
    other.sent.default.push({ body: { ids: [receipt!.taskId] }, delaySeconds: 0 });
    await other.deliver();
    const task = await findTask(other, receipt!.taskId);
    expect([task.state, task.error?.code, task.dueAt - other.clock.now()]).toEqual(['RETRY', 'unknown_task', 60_000]);
  });

  it('whose input no longer fits, or whose result does not, fails for good with a code that says so', async () => {
    const wrong = defineTask({ name: 'test.wrong', input: anything, output: z.int(), run: () => 'text' as never });
    const { engine, id } = await runOnce(wrong);
    expect((await findTask(engine, id)).error?.code).toBe('invalid_output');
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    await env.DB.prepare(`UPDATE tasks SET input = '{"do":[]}' WHERE id = ?`).bind(receipt!.taskId).run();
    await (await makeEngine([scripted])).idle();
    engine.registry = (await makeEngine([scripted])).registry;
    await engine.deliver();
    expect((await findTask(engine, receipt!.taskId)).error?.code).toBe('invalid_input');
  });

  it('whose result has a BigInt fails for good and names its path', async () => {
    const run = () => ({ order: { id: 1970670598291982290n } });
    const output = z.object({ order: z.object({ id: z.bigint() }) });
    const definition = defineTask({ name: 'test.big', input: anything, output, retry: { max: 3 }, run });
    const { engine, id } = await runOnce(definition);
    const { state, error, attempts } = await findTask(engine, id);
    expect([state, error?.code, attempts]).toEqual(['FAILURE', 'invalid_output', 1]);
    expect(error?.message).toContain('result.order.id is a BigInt');
  });

  it('of a task that is revoked while it waits for its slot does not start', async () => {
    const ran: string[] = [];
    const definition = defineTask({
      name: 'test.paced',
      input: z.object({}),
      output: z.object({}),
      rateLimit: '1/s',
      run: (_, { id }) => {
        ran.push(id);
        return {};
      },
    });
    const engine = await makeEngine([definition]);
    const waits: (() => void)[] = [];
    engine.clock.wait = () =>
      new Promise((resolve) => {
        waits.push(resolve as () => void);
      });
    const receipts = await enqueue(
      engine,
      [0, 1].map(() => ({ definition, input: {} })),
    );
    const ids = receipts.map((r) => r.taskId);
    const working = engine.deliver();
    await vi.waitFor(async () => expect((await statesOf(ids))[1]).toBe('STARTED'), 5000);
    await revokeTask(engine, ids[1]!);
    await working;
    expect((await rowOf(ids[1]!)).state).toBe('REVOKED');
    expect(ran).not.toContain(ids[1]);
  }, 20_000);
});
