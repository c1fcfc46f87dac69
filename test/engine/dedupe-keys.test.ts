// Dedupe keys: which a task gets, and how several of them work together.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dedupeKeysOf, hashInput } from '../../src/engine/dedupe-keys.ts';
import { defineTask } from '../../src/engine/index.ts';
import { enqueue } from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'task_keys'].map((t) => env.DB.prepare(`DELETE FROM ${t}`)));
});
const key = () => crypto.randomUUID();

describe('dedupe keys together', () => {
  it('let a repeated request keep the large input of a debounced task', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, onConflict: 'replace' as const };
    const input = { value: 'x'.repeat(40_000) };
    const request = { definition: scripted, input, options: { unique, idempotencyKey: key(), countdown: 10 } };
    const [first] = await enqueue(engine, [request]);
    const [again] = await enqueue(engine, [request]);
    expect(again).toMatchObject({ taskId: first!.taskId, duplicate: true });
    await engine.drain();
    const row = await rowOf(first!.taskId);
    expect(row.state).toBe('SUCCESS');
  });

  it('answer a repeated request with its task, also where the unique key rejects', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, onConflict: 'reject' as const };
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: key() } };
    const [first] = await enqueue(engine, [request]);
    await expect(enqueue(engine, [request])).resolves.toMatchObject([{ taskId: first!.taskId, duplicate: true }]);
  });

  it('let a debounced task expire when its latest request does', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, onConflict: 'replace' as const };
    const request = { definition: scripted, input: {}, options: { unique, countdown: 10, expires: 15 } };
    const [first] = await enqueue(engine, [request]);
    engine.advance(8);
    await enqueue(engine, [request]);
    engine.advance(11);
    await engine.deliver();
    const row = await rowOf(first!.taskId);
    expect(row.state).toBe('SUCCESS');
  });

  it('count a debounced task for the tenant of its latest input', async () => {
    const task = defineTask({
      name: 'test.doc',
      input: z.object({ id: z.string(), tenant: z.string() }),
      output: z.object({}),
      unique: { key: ({ id }) => id, forSeconds: 60, onConflict: 'replace' },
      concurrency: { limit: 1, key: ({ tenant }) => tenant },
      run: () => ({}),
    });
    const engine = await makeEngine([task]);
    const [first] = await enqueue(engine, [{ definition: task, input: { id: '1', tenant: 'a' } }]);
    await enqueue(engine, [{ definition: task, input: { id: '1', tenant: 'b' } }]);
    expect((await rowOf(first!.taskId)).concurrency_key).toBe('test.doc:b');
  });

  it('leave no large input behind that was replaced', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, onConflict: 'replace' as const };
    const ask = (v: string) =>
      enqueue(engine, [
        { definition: scripted, input: { value: v.repeat(40_000) }, options: { unique, countdown: 10 } },
      ]);
    const [first] = await ask('x');
    const before = (await rowOf(first!.taskId)).input_key as string;
    await ask('y');
    expect(await engine.payloads.get(before)).toBeUndefined();
  });

  it('remember an idempotency key when the unique key made its task a duplicate', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, until: 'success' as const };
    await enqueue(engine, [{ definition: scripted, input: {}, options: { unique } }]);
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: key() } };
    const [one] = await enqueue(engine, [request]);
    await engine.deliver();
    const [two] = await enqueue(engine, [request]); // the reply was lost; asked again
    expect(two!.taskId).toBe(one!.taskId);
  });
});

describe('the hash of an input', () => {
  it('does not depend on the order of its fields, at any depth', async () => {
    const one = await hashInput('a.b', { x: 1, y: { p: [1, 2], q: null } });
    expect(await hashInput('a.b', { y: { q: null, p: [1, 2] }, x: 1 })).toBe(one);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
  });

  it('depends on the name, on values and on the order of a list', async () => {
    const hashes = await Promise.all([
      hashInput('a.b', { x: [1, 2] }),
      hashInput('a.c', { x: [1, 2] }),
      hashInput('a.b', { x: [2, 1] }),
      hashInput('a.b', { x: ['1', '2'] }),
    ]);
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('the dedupe keys of a task', () => {
  const task = { id: 'the-id', json: '{"value":1}' };
  const plain = scripted;
  const keyed = { ...scripted, unique: { key: (input: unknown) => JSON.stringify(input), forSeconds: 60 } };

  it('are none where neither the call nor the definition asks for one', async () => {
    expect(await dedupeKeysOf(plain, task, {}, 0)).toEqual([]);
  });

  it('are the idempotency key for a day, then the unique key', async () => {
    const hash = await hashInput('test.scripted', { value: 1 });
    const options = { idempotencyKey: 'i', unique: { key: 'u', forSeconds: 60 } };
    expect(await dedupeKeysOf(plain, task, options, 1000)).toEqual([
      { key: 'idempotency:i', inputHash: hash, expiresAt: 86_401_000, until: 'forever', replaces: false },
      { key: 'unique:test.scripted:u', inputHash: `=${hash}`, expiresAt: 61_000, until: 'forever', replaces: false },
    ]);
  });

  it('use the key of the call, else of the definition, else the whole input', async () => {
    const keyOf = async (definition: typeof keyed, unique?: { key?: string; forSeconds: number }) =>
      (await dedupeKeysOf(definition, task, unique ? { unique } : {}, 0))[0]?.key;
    expect(await keyOf(keyed, { key: 'u', forSeconds: 1 })).toBe('unique:test.scripted:u');
    expect(await keyOf(keyed)).toBe('unique:test.scripted:{"do":["succeed"],"value":1}');
    const hash = await hashInput('test.scripted', { value: 1 });
    const [whole] = await dedupeKeysOf(plain, task, { unique: { forSeconds: 1 } }, 0);
    expect(whole?.key).toBe(`unique:test.scripted:${hash}`);
  });

  it('with "reject" carry the id of the task, so that any other holder is a conflict', async () => {
    const unique = { key: 'u', forSeconds: 60, onConflict: 'reject' as const };
    const hash = await hashInput('test.scripted', { value: 1 });
    expect(await dedupeKeysOf(plain, task, { unique }, 0)).toMatchObject([
      { inputHash: `the-id=${hash}`, replaces: false },
    ]);
  });

  it('with "replace" are free once the task has started', async () => {
    const unique = { key: 'u', forSeconds: 60, onConflict: 'replace' as const };
    expect(await dedupeKeysOf(plain, task, { unique }, 0)).toMatchObject([{ until: 'start', replaces: true }]);
  });
});
