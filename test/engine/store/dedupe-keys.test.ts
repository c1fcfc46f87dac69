// Dedupe keys in the database: how long a unique key is held, and what happens to a second request.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EnqueueOptions, EnqueueOptions as Options } from '../../../src/engine/enqueue-options.ts';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, retryTask, revokeTask, startInBackground } from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

type Rule = NonNullable<EnqueueOptions['unique']>;

async function ask(engine: TestEngine, rule: Rule, input: object = {}, more: EnqueueOptions = {}) {
  const [receipt] = await enqueue(engine, [{ definition: scripted, input, options: { unique: rule, ...more } }]);
  return receipt!;
}

const key = () => crypto.randomUUID();

describe('a unique key', () => {
  it('until "success" is free as soon as its task has ended, in any state', async () => {
    const engine = await makeEngine([scripted]);
    for (const input of [{ do: ['succeed'] }, { do: ['fail'] }]) {
      const rule: Rule = { key: key(), forSeconds: 3600, until: 'success' };
      const first = await ask(engine, rule, input);
      const since = engine.clock.now();
      expect(await ask(engine, rule, input)).toEqual({ taskId: first.taskId, duplicate: true, since });
      await engine.deliver();
      expect((await ask(engine, rule, input)).duplicate).toBe(false);
    }
    const rule: Rule = { key: key(), forSeconds: 3600, until: 'success' };
    const { taskId } = await ask(engine, rule, {}, { countdown: 60 });
    await revokeTask(engine, taskId);
    expect((await ask(engine, rule)).duplicate).toBe(false);
  });

  it('until "success" is held through retries', async () => {
    const engine = await makeEngine([scripted]);
    const rule: Rule = { key: key(), forSeconds: 3600, until: 'success' };
    await ask(engine, rule, { do: ['throw', 'succeed'] });
    await engine.deliver();
    expect((await ask(engine, rule)).duplicate).toBe(true);
  });

  it('until "start" is free as soon as its task starts', async () => {
    const engine = await makeEngine([scripted]);
    const rule: Rule = { key: key(), forSeconds: 3600, until: 'start' };
    await ask(engine, rule, { do: ['retry', 'succeed'] });
    expect((await ask(engine, rule)).duplicate).toBe(true);
    await engine.deliver();
    expect((await ask(engine, rule)).duplicate).toBe(false);
  });

  it('"forever" is held until its time is up', async () => {
    const engine = await makeEngine([scripted]);
    const rule: Rule = { key: key(), forSeconds: 600 };
    await ask(engine, rule);
    await engine.deliver();
    expect((await ask(engine, rule)).duplicate).toBe(true);
    engine.advance(601);
    expect((await ask(engine, rule)).duplicate).toBe(false);
  });

  it('goes to the first of several tasks in one call', async () => {
    const engine = await makeEngine([scripted]);
    const unique: Rule = { key: key(), forSeconds: 600, until: 'success' };
    const receipts = await enqueue(
      engine,
      [1, 2, 3].map((value) => ({ definition: scripted, input: { value }, options: { unique } })),
    );
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, true, true]);
    expect(new Set(receipts.map(({ taskId }) => taskId)).size).toBe(1);
  });

  it('with "reject" refuses a second request, and every task of its call', async () => {
    const engine = await makeEngine([scripted]);
    const unique: Rule = { key: key(), forSeconds: 600, onConflict: 'reject' };
    const { taskId } = await ask(engine, unique);
    const both = enqueue(engine, [
      { definition: scripted, input: { value: 'along' } },
      { definition: scripted, input: {}, options: { unique } },
    ]);
    await expect(both).rejects.toMatchObject({ code: 'unique_conflict', message: expect.stringContaining(taskId) });
    expect((await ask(engine, { ...unique, onConflict: 'return' })).taskId).toBe(taskId);
    await engine.deliver();
    engine.advance(601);
    expect((await ask(engine, unique)).duplicate).toBe(false);
  });

  it('with "replace" is a debounce: the latest input wins, and the wait begins again', async () => {
    const engine = await makeEngine([scripted]);
    const rule: Rule = { key: key(), forSeconds: 3600, onConflict: 'replace' };
    const since = engine.clock.now();
    const first = await ask(engine, rule, { value: 1 }, { countdown: 10 });
    engine.advance(8);
    const second = await ask(engine, rule, { value: 2 }, { countdown: 10 });
    expect(second).toEqual({ taskId: first.taskId, duplicate: true, since, replaced: true });
    engine.advance(8);
    await engine.deliver();
    expect(await rowOf(first.taskId)).toMatchObject({ state: 'PENDING', input: '{"value":2}' });
    await engine.drain();
    expect(JSON.parse((await rowOf(first.taskId)).result as string)).toMatchObject({ value: 2 });
    const third = await ask(engine, rule, { value: 3 });
    expect(third.duplicate).toBe(false);
  });

  it('with "replace" keeps a large input, and the last of several in one call', async () => {
    const engine = await makeEngine([scripted]);
    const unique: Rule = { key: key(), forSeconds: 3600, onConflict: 'replace' };
    const large = 'x'.repeat(50_000);
    const receipts = await enqueue(
      engine,
      ['a', 'b', large].map((value) => ({ definition: scripted, input: { value }, options: { unique, countdown: 5 } })),
    );
    const id = receipts[0]!.taskId;
    expect(receipts.map(({ taskId }) => taskId)).toEqual([id, id, id]);
    await engine.drain();
    const row = await rowOf(id);
    expect(row.state).toBe('SUCCESS');
    expect(JSON.parse((await engine.payloads.get(row.result_key as string)) ?? '')).toMatchObject({ value: large });
  });

  it('with "replace" deletes the large input that no task names any more', async () => {
    const engine = await makeEngine([scripted]);
    const rule: Rule = { key: key(), forSeconds: 3600, onConflict: 'replace' };
    const first = await ask(engine, rule, { value: 'x'.repeat(50_000) }, { countdown: 5 });
    const before = (await rowOf(first.taskId)).input_key as string;
    await ask(engine, rule, { value: 'small' }, { countdown: 5 });
    expect(await engine.payloads.get(before)).toBeUndefined();
    expect(await rowOf(first.taskId)).toMatchObject({ input: '{"value":"small"}', input_key: null });
  });

  it('of a definition is taken by every call, by its own function of the input', async () => {
    const rebuild = defineTask({
      name: 'test.rebuild',
      input: z.object({ site: z.string(), reason: z.string() }),
      output: z.object({}),
      unique: { key: ({ site }) => site, forSeconds: 60, until: 'success' },
      run: () => ({}),
    });
    const engine = await makeEngine([rebuild]);
    const of = async (site: string, reason: string) =>
      (await enqueue(engine, [{ definition: rebuild, input: { site, reason } }]))[0]!;
    const first = await of('a', 'edit');
    expect((await of('a', 'publish')).taskId).toBe(first.taskId);
    expect((await of('b', 'edit')).duplicate).toBe(false);
    await engine.deliver();
    expect((await of('a', 'edit')).duplicate).toBe(false);
    await expect(retryTask(engine, first.taskId)).resolves.toMatchObject({ state: 'PENDING' });
  });

  it('that replaces cannot be held while its task runs', () => {
    const wrong = { unique: { forSeconds: 60, onConflict: 'replace', until: 'success' } };
    expect(Options().safeParse(wrong).error?.issues[0]?.path).toEqual(['unique', 'until']);
    const define = () =>
      defineTask({
        name: 'test.bad',
        input: z.object({}),
        output: z.object({}),
        unique: { forSeconds: 1, onConflict: 'replace', until: 'success' },
        run: () => ({}),
      });
    expect(define).toThrow('unique.until must be "start"');
  });

  it('that a background task replaces brings the waiting task forward, with a message', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: 'k', forSeconds: 3600 * 24, onConflict: 'replace' as const };
    await enqueue(engine, [{ definition: scripted, input: {}, options: { unique, countdown: 7200 } }]);
    await engine.idle();
    engine.sent.default.splice(0);
    const receipt = await startInBackground(engine, { definition: scripted, input: { value: 1 }, options: { unique } });
    await engine.idle();
    expect(receipt.duplicate).toBe(true);
    expect(engine.sent.default.length).toBeGreaterThan(0);
  });

  it('does not delay its task for a repeated request with an idempotency key', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: 'k', forSeconds: 3600, onConflict: 'replace' as const };
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: 'i', countdown: 10 } };
    const [first] = await enqueue(engine, [request]);
    const due = (await rowOf(first!.taskId)).due_at;
    engine.advance(9);
    await enqueue(engine, [request]);
    expect((await rowOf(first!.taskId)).due_at).toBe(due);
  });
});
