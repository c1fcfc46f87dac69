import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask, sweep, useEngine } from '../../src/engine/manage.ts';
import { outputKey } from '../../src/files/index.ts';
import { allTasks } from '../../src/tasks/index.ts';
import { aTask } from '../support/a-task.ts';
import { makeEngine } from '../support/engine.ts';

const DAY = 86_400;

describe('the clean-up', () => {
  it('deletes expired uploads, outputs, tasks, mails and API keys, keeps the others, and reports how many', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    useEngine(engine);
    const { files } = engine.services;
    const about = { filename: 'a.txt', contentType: 'text/plain' };
    const upload = await files.upload(new Uint8Array(100), about);
    await files.write(await outputKey('data', ['x'], 'json'), new Uint8Array(50), about);
    const old = Date.now() - 100 * DAY * 1000;
    const { id } = await aTask({ id: uuidv7({ msecs: old }), state: 'SUCCESS', createdAt: old, finishedAt: old });
    const insert =
      "INSERT INTO api_keys (hash, prefix, name, scopes, created_at, revoked_at) VALUES (?1, ?1, '', '[]', 1, ?2)";
    await env.DB.batch([
      env.DB.prepare(insert).bind('revoked long ago', old),
      env.DB.prepare(insert).bind('revoked', Date.now()),
    ]);
    await enqueue(engine, [
      { definition: engine.registry.get('email.welcome')!, input: { user_id: 'u', email: 'ada@example.com' } },
    ]);
    await engine.drain();

    const run = async () => {
      engine.advance(7 * 3600);
      const [receipt] = await enqueue(engine, [
        { definition: engine.registry.get('maintenance.clean_up')!, input: {} },
      ]);
      await engine.drain();
      return JSON.parse(((await findTask(engine, receipt!.taskId)).result as { json: string }).json).deleted;
    };
    const first = await run();
    expect(first).toMatchObject({ uploads: 0, outputs: 0, mails: 0, api_keys: 1 });
    expect(first.tasks).toBeGreaterThan(0);
    await expect(findTask(engine, id)).rejects.toMatchObject({ code: 'task_not_found' });
    expect(await files.stat(upload.key)).toBeDefined();

    // Ids and R2 use the real clock, so a retention of almost 0 seconds makes everything old.
    engine.taskSettings.retention = { uploadsSeconds: 0.001, outputsSeconds: 0.001, tasksSeconds: 0.001 };
    engine.settings.retentionSeconds = { SUCCESS: 0.001, FAILURE: 0.001, REVOKED: 0.001 };
    const second = await run();
    expect(second).toMatchObject({ uploads: 1, outputs: 1 });
    expect(second.mails).toBeGreaterThan(0);
    expect(await files.stat(upload.key)).toBeUndefined();
    expect(await run()).toMatchObject({ uploads: 0, outputs: 0 });
  });

  it('goes on in the next invocation as the same task, which uses up no retry', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    useEngine(engine);
    let portions = 0;
    engine.services.mails.prune = async () => (++portions < 400 ? { deleted: 1, cursor: 'more' } : { deleted: 1 });
    await env.DB.prepare('DELETE FROM clean_ups').run();
    const [receipt] = await enqueue(engine, [{ definition: engine.registry.get('maintenance.clean_up')!, input: {} }]);
    await engine.deliver();
    const waiting = await findTask(engine, receipt!.taskId);
    expect(waiting).toMatchObject({ state: 'RETRY', attempts: 0 });
    expect(waiting.progress?.message).toMatch(/: \d+ deleted$/);
    for (let rounds = 0; rounds < 20; rounds++) {
      engine.advance(2);
      await engine.deliver();
    }
    const task = await findTask(engine, receipt!.taskId);
    expect(task).toMatchObject({ state: 'SUCCESS', attempts: 1 });
    expect(JSON.parse((task.result as { json: string }).json).deleted.mails).toBe(400);
  });

  it('keeps files for ever where the retention is 0', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    useEngine(engine);
    const upload = await engine.services.files.upload(new Uint8Array(1), { filename: 'a', contentType: 'text/plain' });
    engine.taskSettings.retention = { uploadsSeconds: 0, outputsSeconds: 0, tasksSeconds: 86_400 };
    engine.advance(400 * DAY);
    await enqueue(engine, [{ definition: engine.registry.get('maintenance.clean_up')!, input: {} }]);
    await engine.drain();
    expect(await engine.services.files.stat(upload.key)).toBeDefined();
  });

  it('is scheduled for every hour', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    await env.DB.prepare('DELETE FROM schedules').run();
    await sweep(engine);
    const row = await env.DB.prepare("SELECT next_at FROM schedules WHERE name = 'clean-up'").first<{
      next_at: number;
    }>();
    expect(new Date(row!.next_at).toISOString()).toMatch(/:07:00/);
    expect(row!.next_at - engine.clock.now()).toBeLessThanOrEqual(3600_000);
  });
});
