import { env } from 'cloudflare:workers';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { background, defineTask } from '../../src/engine/index.ts';
import {
  createRegistry,
  enqueue,
  findTask,
  listTasks,
  makeEager,
  startInBackground,
  useEngine,
} from '../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

const many = (count: number, options = {}) =>
  Array.from({ length: count }, () => ({ definition: scripted, input: {}, options }));

describe('enqueue', () => {
  it('takes 10,000 tasks in one call, in order, with few messages, and runs each once', async () => {
    const engine = await makeEngine([scripted]);
    const receipts = await enqueue(engine, many(10_000));
    await engine.idle();
    expect(engine.sent.default).toHaveLength(40);
    await engine.deliver();
    const states = await statesOf(receipts.map(({ taskId }) => taskId));
    expect(states).toHaveLength(10_000);
    expect(new Set(states)).toEqual(new Set(['SUCCESS']));
  });

  it('refuses 10,001, and refuses all where one is wrong, naming each fault by its path', async () => {
    const engine = await makeEngine([scripted]);
    await expect(enqueue(engine, many(10_001))).rejects.toMatchObject({ code: 'too_many_tasks' });
    const requests = [
      ...many(2),
      { definition: scripted, input: { do: ['dance'] } },
      { definition: scripted, input: { do: [] } },
    ];
    const before = (await listTasks(engine, {}, { limit: 1000, before: undefined })).length;
    await expect(enqueue(engine, requests, { path: (index) => `tasks.${index}` })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [
        expect.objectContaining({ path: 'tasks.2.input.do.0' }),
        expect.objectContaining({ path: 'tasks.3.input.do' }),
      ],
    });
    expect((await listTasks(engine, {}, { limit: 1000, before: undefined })).length).toBe(before);
  });

  it('refuses options out of bounds', async () => {
    const engine = await makeEngine([scripted]);
    for (const options of [
      { countdown: -1 },
      { countdown: Number.NaN },
      { maxRetries: 101 },
      { tags: [''] },
      { queue: 'dead' },
      { inter: 1 },
    ]) {
      await expect(enqueue(engine, many(1, options as object))).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });

  it('puts a task into the lane of its definition, of its priority, or the one asked for', async () => {
    const engine = await makeEngine([scripted]);
    const lanes = [];
    for (const options of [{}, { priority: 'high' }, { priority: 'low', queue: 'files' }]) {
      const [receipt] = await enqueue(engine, many(1, options));
      lanes.push((await rowOf(receipt!.taskId)).queue);
    }
    expect(lanes).toEqual(['default', 'high', 'files']);
  });

  it('keeps options that differ within one call apart', async () => {
    const engine = await makeEngine([scripted]);
    const [a, b, c] = await enqueue(engine, [
      ...many(1, { expires: 60, tags: ['x', 'y'] }),
      ...many(1),
      ...many(1, { countdown: 30, maxRetries: 0, queue: 'low' }),
    ]);
    const rows = await Promise.all([a!, b!, c!].map(({ taskId }) => rowOf(taskId)));
    const now = engine.clock.now();
    expect(rows.map((row) => [row.expires_at, row.tags, row.due_at, row.max_retries, row.queue])).toEqual([
      [now + 60_000, '["x","y"]', now, 3, 'default'],
      [null, null, now, 3, 'default'],
      [null, null, now + 30_000, 0, 'low'],
    ]);
    const tagged = await listTasks(engine, { tag: 'y' }, { limit: 10, before: undefined });
    expect(tagged.map(({ id }) => id)).toEqual([a!.taskId]);
  });

  it('commits with other statements: all or none', async () => {
    const engine = await makeEngine([scripted]);
    const user = (id: string) =>
      env.DB.prepare("INSERT INTO users (id, email, password_hash, created_at) VALUES (?1, 'a@b.c', 'x', 0)").bind(id);
    const [receipt] = await enqueue(engine, many(1), { alongside: [user('u1')] });
    expect(await statesOf([receipt!.taskId])).toEqual(['PENDING']);
    const before = (await listTasks(engine, {}, { limit: 1000, before: undefined })).length;
    await expect(enqueue(engine, many(1), { alongside: [user('u2')] })).rejects.toThrow(
      /UNIQUE constraint failed: users.email/,
    );
    expect((await listTasks(engine, {}, { limit: 1000, before: undefined })).length).toBe(before);
  });

  it('tries again after a passing fault, and makes no second task where the first try was committed', async () => {
    const engine = await makeEngine([scripted]);
    const { batch } = engine.db;
    let calls = 0;
    engine.db = Object.assign(Object.create(engine.db) as D1Database, {
      prepare: env.DB.prepare.bind(env.DB),
      async batch(statements: D1PreparedStatement[]) {
        const results = await batch.call(env.DB, statements);
        if (++calls === 1) throw new Error('D1_ERROR: Network connection lost.');
        return results;
      },
    });
    const [receipt] = await enqueue(engine, many(1));
    expect(calls).toBe(2);
    expect(await statesOf([receipt!.taskId])).toEqual(['PENDING']);
  });
});

describe('eager mode', () => {
  it('runs the task in the caller, retries and all, waiting for no timer', async () => {
    const eager = makeEager(await makeEngine([scripted]));
    const requests = [
      { definition: scripted, input: { do: ['throw', 'snooze', 'succeed'] }, options: { countdown: 3600 } },
    ];
    const [receipt] = await enqueue(eager, requests as never);
    const task = await findTask(eager, receipt!.taskId);
    expect([task.state, task.attempts]).toEqual(['SUCCESS', 2]);
  });

  it('serves definition.delay() through the current engine', async () => {
    const eager = makeEager(await makeEngine([scripted]));
    useEngine(eager);
    const { taskId } = await scripted.delay({ value: 7 });
    expect((await findTask(eager, taskId)).result).toEqual({ json: '{"attempt":1,"value":7}' });
  });
});

describe('background', () => {
  it('starts at once, without a message, and is a task like any other', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {} });
    expect((await rowOf(taskId)).fence).toBe(1);
    await engine.idle();
    expect(await statesOf([taskId])).toEqual(['SUCCESS']);
    expect(engine.sent.default).toEqual([]);
  });

  it('goes to the queue when it has not finished in time, without consuming an attempt', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.backgroundSeconds = 0.2;
    const { taskId } = await startInBackground(engine, { definition: scripted, input: { do: ['hang', 'succeed'] } });
    await engine.deliver();
    const task = await findTask(engine, taskId);
    expect([task.state, task.attempts]).toEqual(['SUCCESS', 1]);
    expect(runsOf(taskId)[0]!.context.signal.aborted).toBe(true);
  });

  it('waits for its time when it has one', async () => {
    const engine = await makeEngine([scripted]);
    const { taskId } = await startInBackground(engine, { definition: scripted, input: {}, options: { countdown: 60 } });
    await engine.idle();
    expect(await statesOf([taskId])).toEqual(['PENDING']);
    expect(engine.sent.default.map(({ delaySeconds }) => delaySeconds)).toEqual([60]);
  });

  it('of a function has an id, a status and a result; if it does not finish, that is seen', async () => {
    const engine = await makeEngine([scripted]);
    useEngine(engine);
    const done = await background(async (ctx) => ({ id: ctx.id }), 'quick');
    await engine.idle();
    expect((await findTask(engine, done.taskId)).result).toEqual({ json: JSON.stringify({ id: done.taskId }) });

    engine.settings.backgroundSeconds = 0.2;
    const stuck = await background(() => new Promise(() => {}), 'stuck');
    await engine.drain();
    const task = await findTask(engine, stuck.taskId);
    expect([task.state, task.error?.code]).toEqual(['FAILURE', 'unfinished']);
    expect(task.error?.message).toContain('"stuck"');
  });
});

describe('a definition', () => {
  const add = defineTask({
    name: 'test.add',
    input: z.object({ a: z.number(), b: z.number().default(1) }),
    output: z.object({ sum: z.number() }),
    run: ({ a, b }) => ({ sum: a + b }),
  });

  it('gives its input and output types to whoever calls it', () => {
    expectTypeOf(add.delay).parameter(0).toEqualTypeOf<{ a: number; b?: number | undefined }>();
    // @ts-expect-error a string is no number
    const wrong = () => add.delay({ a: '1' });
    const schemas = { input: z.object({}), output: z.object({ n: z.number() }) };
    // @ts-expect-error a result that does not fit the output schema
    defineTask({ name: 'test.wrong', ...schemas, run: () => ({ n: 'x' }) });
    expect(wrong).toBeTypeOf('function');
  });

  it('is refused at start-up for a malformed name, an impossible timeout or a name taken already', () => {
    const parts = { input: z.object({}), output: z.object({}), run: () => ({}) };
    for (const name of ['add', 'Math.add', 'math.', 'math add', 'math.add!']) {
      expect(() => defineTask({ name, ...parts })).toThrow(/area\.verb/);
    }
    expect(() => defineTask({ name: 'a.b', timeoutSeconds: 781, ...parts })).toThrow(/timeoutSeconds/);
    expect(() => createRegistry([add, add])).toThrow(/two tasks are named "test.add"/);
  });

  it('is suggested to who misspells its name', () => {
    const registry = createRegistry([add, scripted]);
    expect(registry.nearest('test.ad')).toContain('test.add');
    expect(registry.nearest('zzzzzzzzzzzzzzzzzzzz')).toEqual([]);
  });
});
