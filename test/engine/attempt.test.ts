import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask, fixed, PermanentFailure } from '../../src/engine/index.ts';
import { enqueue, findTask, listAttempts, retryTask, sweep } from '../../src/engine/manage.ts';
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
  it('max: 3 means four runs in all, then FAILURE with the last error', async () => {
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

  it('ctx.retry({ in }) and a snooze come back exactly when asked', async () => {
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

  it('of a task this deployment does not know is retried later, when another deployment may', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    const other = await makeEngine([]);
    other.sent.default.push({ body: { ids: [receipt!.taskId] }, delaySeconds: 0 });
    await other.deliver();
    const task = await findTask(other, receipt!.taskId);
    expect([task.state, task.error?.code, task.dueAt - other.clock.now()]).toEqual(['RETRY', 'unknown_task', 60_000]);
  });

  it('whose input no longer fits, or whose result does not, fails for good and says so', async () => {
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

  it('keeps at most 100 log lines and 16 KiB of them', async () => {
    const chatty = defineTask({
      name: 'test.chatty',
      input: z.object({ lines: z.int(), size: z.int() }),
      output: anything,
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

  it('shows its progress while it runs', async () => {
    const slow = defineTask({
      name: 'test.slow',
      input: anything,
      output: anything,
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
});

describe('payloads', () => {
  const blob = defineTask({
    name: 'test.blob',
    input: z.object({ data: z.string() }),
    output: z.object({ data: z.string() }),
    run: ({ data }) => ({ data }),
  });

  it('too large for a row go to R2 and come back whole', async () => {
    const data = 'ä'.repeat(100_000);
    const { engine, id } = await runOnce(blob, { data });
    const row = await rowOf(id);
    expect([row.input, row.result]).toEqual([null, null]);
    expect(JSON.parse((await engine.payloads.get(String(row.result_key)))!)).toEqual({ data });
  });

  it('too large for anything are refused before anything is written', async () => {
    const engine = await makeEngine([blob]);
    const call = enqueue(engine, [{ definition: blob, input: { data: 'x'.repeat(25_000_001) } }]);
    await expect(call).rejects.toMatchObject({ code: 'input_too_large' });
    const big = defineTask({ name: 'test.big', input: anything, output: anything, run: () => 'x'.repeat(25_000_001) });
    const { engine: other, id } = await runOnce(big);
    expect((await findTask(other, id)).error?.code).toBe('result_too_large');
  });

  it('are deleted with their task', async () => {
    const { engine, id } = await runOnce(blob, { data: 'x'.repeat(50_000) });
    const { input_key, result_key } = await rowOf(id);
    engine.advance(8 * 86_400);
    await sweep(engine);
    await expect(rowOf(id)).rejects.toThrow();
    expect(await env.FILES.head(String(input_key))).toBeNull();
    expect(await env.FILES.head(String(result_key))).toBeNull();
  });
});

describe('the retry by hand', () => {
  it('runs a final task again under the same id, its history kept', async () => {
    const { engine, id } = await runOnce(scripted, { do: ['fail', 'succeed', 'succeed'] });
    await retryTask(engine, id);
    expect(await statesOf([id])).toEqual(['PENDING']);
    await engine.deliver();
    await retryTask(engine, id);
    await engine.deliver();
    expect((await listAttempts(engine, id)).map(({ outcome }) => outcome)).toEqual(['FAILURE', 'SUCCESS', 'SUCCESS']);
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('gives a poisoned task a clean slate', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    const id = receipt!.taskId;
    await env.DB.prepare("UPDATE tasks SET state = 'STARTED', lease_id = 'l', crashes = 3, started_at = 1 WHERE id = ?")
      .bind(id)
      .run();
    await env.DB.prepare("UPDATE tasks SET state = 'FAILURE', lease_id = NULL, finished_at = 2 WHERE id = ?")
      .bind(id)
      .run();
    await retryTask(engine, id);
    await engine.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('is refused while the task is not final', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    await expect(retryTask(engine, receipt!.taskId)).rejects.toMatchObject({ code: 'task_not_final' });
  });
});

it('a PermanentFailure keeps its code and cause', () => {
  const cause = new Error('why');
  const failure = new PermanentFailure('what', 'some_code', { cause });
  expect([failure.message, failure.code, failure.cause]).toEqual(['what', 'some_code', cause]);
});
