// From requests to rows: what is checked, and what each row has.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { prepareTasks } from '../../src/engine/prepare-tasks.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const tenant = defineTask({
  name: 'test.tenant',
  input: z.object({ tenant: z.string(), n: z.int() }),
  output: z.object({}),
  queue: 'low',
  retry: { max: 5 },
  concurrency: { limit: 1, key: (input) => input.tenant },
  run: () => ({}),
});
const checked = { ...tenant, input: z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a < b) };

describe('a prepared task', () => {
  it('has what the definition says, and what the call says instead', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const input = { tenant: 'x', n: 1 };
    const options = {
      maxRetries: 0,
      countdown: 60,
      expires: 90,
      tags: ['a', 'a', 'b'],
      callbackUrl: 'https://x.example/',
    };
    const [plain, changed] = await prepareTasks(engine, [
      { definition: tenant, input },
      { definition: tenant, input, options },
    ]);
    const row = { name: 'test.tenant', queue: 'low', createdAt: now, concurrencyKey: 'test.tenant:x', dedupeKeys: [] };
    expect(plain).toMatchObject({ ...row, maxRetries: 5, dueAt: now, expiresAt: null, tags: [], callback: null });
    expect(changed).toMatchObject({ ...row, maxRetries: 0, dueAt: now + 60_000, expiresAt: now + 90_000 });
    expect(changed).toMatchObject({ tags: ['a', 'b'], callback: '{"url":"https://x.example/"}' });
    expect(plain!.id < changed!.id).toBe(true);
  });

  it('has the input as it is read again: what JSON drops is not there', async () => {
    const engine = await makeEngine([scripted]);
    const [task] = await prepareTasks(engine, [{ definition: scripted, input: { value: 1, gone: undefined } }]);
    expect(task?.input).toEqual({ json: '{"value":1}' });
    const date = { ...scripted, input: z.object({ at: z.date() }) };
    const refused = prepareTasks(engine, [{ definition: date, input: { at: new Date() } }]);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input', issues: [{ path: 'input.at' }] });
  });
});

describe('a partial input', () => {
  it('is checked once for all tasks of a call that follow each other with the same bytes', async () => {
    const engine = await makeEngine([]);
    const checks: number[] = [];
    const counted = {
      ...tenant,
      concurrency: undefined,
      input: z.object({ n: z.int() }).refine(({ n }) => checks.push(n)),
    };
    const tasksOf = (definition: typeof counted) => [1, 1, 2, 2, 1].map((n) => ({ definition, input: { n } }));
    const tasks = await prepareTasks(engine, tasksOf(counted));
    expect(checks).toEqual([1, 2, 1]);
    expect(tasks.map(({ input }) => 'json' in input && input.json)).toEqual([1, 1, 2, 2, 1].map((n) => `{"n":${n}}`));
    const odd = { ...counted, input: z.object({ n: z.literal(2) }) } as never;
    const refused = await prepareTasks(engine, tasksOf(odd), (index) => `tasks.${index}`).catch(
      (error) => error.issues,
    );
    expect(refused.map(({ path }: { path: string }) => path)).toEqual([
      'tasks.0.input.n',
      'tasks.1.input.n',
      'tasks.4.input.n',
    ]);
  });

  it('may lack fields, but the given ones are checked', async () => {
    const engine = await makeEngine([]);
    const partial = (input: unknown) => prepareTasks(engine, [{ definition: tenant, input, partial: true }]);
    expect(await partial({})).toMatchObject([{ concurrencyKey: 'test.tenant' }]);
    expect(await partial({ tenant: 'x', n: 1 })).toMatchObject([{ concurrencyKey: 'test.tenant:x' }]);
    await expect(partial({ n: 'one' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('of a schema with checks over several fields is not checked', async () => {
    const engine = await makeEngine([]);
    const request = { definition: { ...checked, concurrency: undefined }, input: { a: 9 }, partial: true };
    await expect(prepareTasks(engine, [request])).resolves.toHaveLength(1);
  });
});

describe('faults', () => {
  it('are named with the path of their request, at most 100', async () => {
    const engine = await makeEngine([]);
    const requests = Array.from({ length: 150 }, () => ({ definition: tenant, input: { tenant: 1, n: 1 } }));
    const refused = await prepareTasks(engine, requests, (index) => `tasks.${index}`).catch((error: unknown) => error);
    const { issues } = refused as { issues: { path: string }[] };
    expect(issues).toHaveLength(100);
    expect(issues[7]?.path).toBe('tasks.7.input.tenant');
  });

  it('are a BigInt and its path, because JSON has none', async () => {
    const engine = await makeEngine([]);
    const request = { definition: scripted, input: { value: { id: 1970670598291982290n } } };
    const options = { idempotencyKey: 'k', unique: { forSeconds: 60 } };
    await expect(prepareTasks(engine, [{ ...request, options }], () => 'tasks.0')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('input.value.id is a BigInt'),
      issues: [{ path: 'tasks.0.input.value.id', message: expect.stringContaining('pass it as text') }],
    });
  });

  it('are not numbers beyond 2^53: code has them as they are stored', async () => {
    const engine = await makeEngine([]);
    const [task] = await prepareTasks(engine, [{ definition: scripted, input: { value: 2 ** 60 } }]);
    expect(JSON.parse((task!.input as { json: string }).json)).toEqual({ value: 2 ** 60 });
  });

  it('in options are named with their path', async () => {
    const engine = await makeEngine([]);
    const request = { definition: scripted, input: {}, options: { maxRetries: -1 } };
    await expect(prepareTasks(engine, [request], () => 'tasks.0')).rejects.toMatchObject({
      code: 'invalid_options',
      issues: [{ path: 'tasks.0.options.maxRetries' }],
    });
  });

  it('of size name the request', async () => {
    const engine = await makeEngine([]);
    engine.settings.maxPayloadBytes = 10;
    const request = { definition: scripted, input: { value: 'x'.repeat(20) } };
    await expect(prepareTasks(engine, [request])).rejects.toMatchObject({
      code: 'input_too_large',
      message: 'the input is larger than 10 bytes',
    });
  });
});
