// Requests that meet an earlier task with the same dedupe key: what they get, and what is said about the rest.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type EnqueueOptions } from '../../src/engine/index.ts';
import { enqueue, findTask, listTasks, type Receipt, startInBackground, sweep } from '../../src/engine/manage.ts';
import { makeEngine, rowOf, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

async function ask(engine: TestEngine, options: EnqueueOptions, input: object = {}): Promise<Receipt> {
  const [receipt] = await enqueue(engine, [{ definition: scripted, input, options }]);
  return receipt!;
}

const RULES = ['success', 'start', 'forever'] as const;

describe('a key held by a task that expired before it started', () => {
  it.each(RULES)('is free, of unique work until "%s"', async (until) => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 86_400, until };
    const first = await ask(engine, { unique, expires: 60 });
    engine.advance(61);
    const second = await ask(engine, { unique });
    expect(second.duplicate).toBe(false);
    expect(second.taskId).not.toBe(first.taskId);
  });

  it('is free, of an idempotency key, also with another input', async () => {
    const engine = await makeEngine([scripted]);
    const idempotencyKey = crypto.randomUUID();
    await ask(engine, { idempotencyKey, expires: 60 });
    engine.advance(61);
    expect((await ask(engine, { idempotencyKey }, { do: ['fail'] })).duplicate).toBe(false);
  });

  it.each(RULES)('is free after it was revoked as expired, until "%s"', async (until) => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 86_400, until };
    const { taskId } = await ask(engine, { unique, expires: 60 });
    engine.advance(61);
    await engine.deliver();
    expect((await findTask(engine, taskId)).state).toBe('REVOKED');
    expect((await ask(engine, { unique })).duplicate).toBe(false);
  });

  it('is held while a task runs past its expiry: it started in time', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 86_400, until: 'success' as const };
    const { taskId } = await ask(engine, { unique, expires: 60 }, { do: ['hang'] });
    const delivery = engine.deliver();
    for (let state = ''; state !== 'STARTED'; state = (await findTask(engine, taskId)).state) await scheduler.wait(5);
    engine.advance(61);
    expect(await ask(engine, { unique }, { do: ['hang'] })).toMatchObject({ duplicate: true, taskId });
    engine.advance(3600);
    await sweep(engine);
    await delivery;
  }, 20_000);
});

describe('a request that replaces a waiting task', () => {
  it('takes over all that it asks for: input, tags, callback, retries, queue', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 600, onConflict: 'replace' as const };
    const [before, after] = [crypto.randomUUID(), crypto.randomUUID()];
    const first = await ask(engine, {
      unique,
      countdown: 60,
      tags: [before, 'both'],
      callbackUrl: 'https://a.example',
    });
    const second = await ask(
      engine,
      { unique, countdown: 60, tags: [after, 'both'], callbackUrl: 'https://b.example', maxRetries: 9, queue: 'low' },
      { do: ['fail'] },
    );
    const since = engine.clock.now();
    expect(second).toEqual({ taskId: first.taskId, duplicate: true, since, replaced: true });
    const row = await rowOf(first.taskId);
    expect(row).toMatchObject({ max_retries: 9, queue: 'low', callback: '{"url":"https://b.example"}' });
    expect(JSON.parse(String(row.tags))).toEqual([after, 'both']);
    const tagged = async (tag: string) => (await listTasks(engine, { tag }, { limit: 10, before: undefined })).length;
    expect([await tagged(before), await tagged(after)]).toEqual([0, 1]);
  });

  it('without tags leaves none', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 600, onConflict: 'replace' as const };
    const { taskId } = await ask(engine, { unique, countdown: 60, tags: ['gone'] });
    await ask(engine, { unique, countdown: 60 });
    const { results } = await env.DB.prepare('SELECT tag FROM task_tags WHERE task_id = ?').bind(taskId).all();
    expect(results).toEqual([]);
    expect((await findTask(engine, taskId)).tags).toEqual([]);
  });
});

describe('a duplicate', () => {
  it('says which of its options the earlier task does not have', async () => {
    const engine = await makeEngine([scripted]);
    const idempotencyKey = crypto.randomUUID();
    const { taskId } = await ask(engine, { idempotencyKey, tags: ['a'] });
    const since = engine.clock.now();
    engine.advance(30);
    const more: EnqueueOptions = {
      tags: ['a', 'b'],
      callbackUrl: 'https://c.example',
      maxRetries: 7,
      priority: 'high',
    };
    const notTaken = ['callbackUrl', 'maxRetries', 'queue', 'tags'];
    expect(await ask(engine, { idempotencyKey, ...more })).toEqual({ taskId, duplicate: true, since, notTaken });
  });

  it('of unique work says so if its input is another one', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 600 };
    await ask(engine, { unique }, { value: 1 });
    expect((await ask(engine, { unique }, { value: 2 })).notTaken).toEqual(['input']);
    expect((await ask(engine, { unique }, { value: 1 })).notTaken).toBeUndefined();
  });

  it('of unique work says so of the input that replaced the first one', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: crypto.randomUUID(), forSeconds: 600, until: 'start' as const };
    await ask(engine, { unique }, { value: 1 });
    expect(await ask(engine, { unique: { ...unique, onConflict: 'replace' } }, { value: 2 })).toMatchObject({
      replaced: true,
    });
    expect((await ask(engine, { unique }, { value: 1 })).notTaken).toEqual(['input']);
    expect((await ask(engine, { unique }, { value: 2 })).notTaken).toBeUndefined();
  });

  it('says so if its unique key is held by no task, or by another one', async () => {
    const engine = await makeEngine([scripted]);
    const [idempotencyKey, key] = [crypto.randomUUID(), crypto.randomUUID()];
    await ask(engine, { idempotencyKey });
    const unique = { key, forSeconds: 600 };
    expect((await ask(engine, { idempotencyKey, unique })).notTaken).toEqual(['unique']);
    await ask(engine, { unique });
    expect((await ask(engine, { idempotencyKey, unique })).notTaken).toEqual(['unique']);
    const again = { idempotencyKey: crypto.randomUUID(), unique };
    expect((await ask(engine, again)).notTaken).toBeUndefined();
    expect((await ask(engine, again)).notTaken).toBeUndefined();
  });

  it('that was to start in the background says that it does not', async () => {
    const engine = await makeEngine([scripted]);
    const request = { definition: scripted, input: {}, options: { idempotencyKey: crypto.randomUUID() } };
    expect((await startInBackground(engine, request)).notTaken).toBeUndefined();
    expect((await startInBackground(engine, request)).notTaken).toEqual(['background']);
  });

  it('does not say it of options that it leaves out', async () => {
    const engine = await makeEngine([scripted]);
    const idempotencyKey = crypto.randomUUID();
    await ask(engine, { idempotencyKey, maxRetries: 9, queue: 'low', countdown: 60, expires: 120, tags: ['a'] });
    const none = { maxRetries: undefined, queue: undefined, countdown: undefined, expires: undefined } as object;
    expect((await ask(engine, { idempotencyKey, ...none })).notTaken).toBeUndefined();
  });

  it('of another task of the same call says so too', async () => {
    const engine = await makeEngine([scripted]);
    const idempotencyKey = crypto.randomUUID();
    const of = (options: EnqueueOptions) => ({ definition: scripted, input: {}, options });
    const [first, second] = await enqueue(engine, [of({ idempotencyKey }), of({ idempotencyKey, tags: ['b'] })]);
    const since = engine.clock.now();
    expect(second).toEqual({ taskId: first!.taskId, duplicate: true, since, notTaken: ['tags'] });
  });

  it('enqueued by a running task says so to that task', async () => {
    const idempotencyKey = crypto.randomUUID();
    const told: Receipt[] = [];
    const asking = defineTask({
      name: 'test.asking',
      input: z.object({}),
      output: z.object({}),
      run: async (_, ctx) => {
        const options = { idempotencyKey, callbackUrl: 'https://c.example', countdown: 60 };
        told.push(await ctx.enqueue(scripted, {}, options));
        return {};
      },
    });
    const engine = await makeEngine([scripted, asking]);
    const { taskId } = await ask(engine, { idempotencyKey });
    const since = engine.clock.now();
    await enqueue(engine, [{ definition: asking, input: {} }]);
    await engine.deliver();
    expect(told).toEqual([{ taskId, duplicate: true, since, notTaken: ['callbackUrl', 'countdown'] }]);
  });

  it('that asks for the same again has nothing to say', async () => {
    const engine = await makeEngine([scripted]);
    const options: EnqueueOptions = {
      tags: ['a', 'b'],
      callbackUrl: 'https://c.example',
      maxRetries: 7,
      priority: 'high',
    };
    const idempotencyKey = crypto.randomUUID();
    const { taskId } = await ask(engine, { idempotencyKey, ...options });
    const since = engine.clock.now();
    expect(await ask(engine, { idempotencyKey, ...options })).toEqual({ taskId, duplicate: true, since });
  });
});
