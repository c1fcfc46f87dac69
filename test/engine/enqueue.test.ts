// What one call may enqueue: up to 10,000 tasks, all or none, also together with other statements.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { enqueue, listTasks } from '../../src/engine/manage.ts';
import { makeEngine, statesOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

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
});
