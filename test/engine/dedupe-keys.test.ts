// Keys in odd company: with one another, with schedules, workflows, large inputs and expiry.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, defineTask } from '../../src/engine/index.ts';
import { createSchedule, enqueue, findSchedule, findTask, sweep, useEngine } from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'schedules', 'task_keys'].map((t) => env.DB.prepare(`DELETE FROM ${t}`)));
});
const key = () => crypto.randomUUID();

describe('keys', () => {
  it('a definition with a unique key can be a later link of a chain', async () => {
    const unique = defineTask({
      name: 'test.unique',
      input: z.object({ value: z.number(), site: z.string() }),
      output: z.object({}),
      unique: { key: ({ site }) => site, forSeconds: 60 },
      run: () => ({}),
    });
    const first = defineTask({
      name: 'test.first',
      input: z.object({}),
      output: z.object({ value: z.number() }),
      run: () => ({ value: 1 }),
    });
    useEngine(await makeEngine([unique, first]));
    await expect(chain(first.s({}), unique.s({ site: 'a' })).enqueue()).resolves.toMatchObject({ duplicate: false });
  });

  it('a schedule whose task is refused does not stop the others', async () => {
    const rejecting = defineTask({
      name: 'test.rejecting',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 7200, onConflict: 'reject' },
      run: () => ({}),
    });
    const engine = await makeEngine([rejecting, scripted]);
    await createSchedule(engine, 'bad', { task: 'test.rejecting', cron: '* * * * *' });
    await createSchedule(engine, 'good', { task: 'test.scripted', cron: '* * * * *' });
    const fired: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      engine.advance(60);
      fired.push((await sweep(engine)).fire);
    }
    expect(fired.slice(1).every((n) => n >= 1)).toBe(true);
  });

  it('a schedule names a task that exists when a unique key made its firing a duplicate', async () => {
    const unique = defineTask({
      name: 'test.unique',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 7200 },
      run: () => ({}),
    });
    const engine = await makeEngine([unique]);
    await createSchedule(engine, 'twice', { task: 'test.unique', cron: '* * * * *' });
    engine.advance(60);
    await sweep(engine);
    engine.advance(60);
    await sweep(engine);
    const { lastTaskId } = await findSchedule(engine, 'twice');
    await expect(findTask(engine, lastTaskId!)).resolves.toBeDefined();
  });

  it('a schedule that cannot be read any more does not stop the others', async () => {
    const engine = await makeEngine([scripted]);
    await createSchedule(engine, 'bad', { task: 'test.scripted', cron: '* * * * *' });
    await createSchedule(engine, 'good', { task: 'test.scripted', cron: '* * * * *' });
    await env.DB.prepare(
      `UPDATE schedules SET entry = json_set(entry, '$.timezone', 'Atlantis/Capital') WHERE name = 'bad'`,
    ).run();
    engine.advance(61);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('overlap skip holds for catchup all', async () => {
    const engine = await makeEngine([scripted]);
    await createSchedule(engine, 'both', { task: 'test.scripted', cron: '* * * * *', catchup: 'all', overlap: 'skip' });
    engine.advance(600);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('a name that stood in code once can be used again', async () => {
    const withIt = defineTask({
      name: 'test.tick',
      input: z.object({}),
      output: z.object({}),
      schedules: { nightly: { cron: '0 0 * * *' } },
      run: () => ({}),
    });
    const without = defineTask({ name: 'test.tick', input: z.object({}), output: z.object({}), run: () => ({}) });
    await sweep(await makeEngine([withIt]));
    const engine = await makeEngine([without]);
    await expect(findSchedule(engine, 'nightly')).rejects.toMatchObject({ code: 'schedule_not_found' });
    await expect(createSchedule(engine, 'nightly', { task: 'test.tick', cron: '0 0 * * *' })).resolves.toBeDefined();
  });

  it('a repeated request with an idempotency key does not lose the large input of a debounced task', async () => {
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

  it('a repeated request is answered with its task where the unique key rejects', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, onConflict: 'reject' as const };
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: key() } };
    const [first] = await enqueue(engine, [request]);
    await expect(enqueue(engine, [request])).resolves.toMatchObject([{ taskId: first!.taskId, duplicate: true }]);
  });

  it('a debounced task expires when its latest request does', async () => {
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

  it('a debounced task counts for the tenant of its latest input', async () => {
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

  it('the replaced large input is deleted', async () => {
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

  it('an idempotency key is remembered when the unique key made its task a duplicate', async () => {
    const engine = await makeEngine([scripted]);
    const unique = { key: key(), forSeconds: 3600, until: 'success' as const };
    await enqueue(engine, [{ definition: scripted, input: {}, options: { unique } }]);
    const request = { definition: scripted, input: {}, options: { unique, idempotencyKey: key() } };
    const [one] = await enqueue(engine, [request]);
    await engine.deliver();
    const [two] = await enqueue(engine, [request]); // the reply was lost; asked again
    expect(two!.taskId).toBe(one!.taskId);
  });

  it('10,000 tasks with long idempotency keys are enqueued', async () => {
    const engine = await makeEngine([scripted]);
    const requests = Array.from({ length: 10_000 }, (_, i) => ({
      definition: scripted,
      input: {},
      options: { idempotencyKey: `${'k'.repeat(240)}${i}` },
    }));
    await expect(enqueue(engine, requests)).resolves.toHaveLength(10_000);
  }, 60_000);

  it('10,000 debounced tasks are enqueued', async () => {
    const engine = await makeEngine([scripted]);
    const requests = Array.from({ length: 10_000 }, (_, i) => ({
      definition: scripted,
      input: { value: 'x'.repeat(200) },
      options: { unique: { key: `${i}`, forSeconds: 60, onConflict: 'replace' as const } },
    }));
    await expect(enqueue(engine, requests)).resolves.toHaveLength(10_000);
  }, 60_000);

  it('a finished task whose unique key is free is pruned', async () => {
    const engine = await makeEngine([scripted]);
    const [r] = await enqueue(engine, [
      {
        definition: scripted,
        input: {},
        options: { unique: { key: key(), forSeconds: 365 * 86_400, until: 'success' } },
      },
    ]);
    await engine.deliver();
    engine.advance(40 * 86_400);
    await sweep(engine);
    await expect(rowOf(r!.taskId)).rejects.toThrow();
  });
});
