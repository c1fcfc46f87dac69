import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask, sweep, useEngine } from '../../src/engine/manage.ts';
import { outputKey } from '../../src/files/index.ts';
import { allTasks } from '../../src/tasks/index.ts';
import { aTask } from '../support/a-task.ts';
import { makeEngine } from '../support/engine.ts';

const DAY = 86_400;

describe('the daily clean-up', () => {
  it('deletes expired uploads, outputs, tasks and mails, keeps the others, and reports how many', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    useEngine(engine);
    const { files } = engine.services;
    const about = { filename: 'a.txt', contentType: 'text/plain' };
    const upload = await files.upload(new Uint8Array(100), about);
    await files.write(await outputKey('data', ['x'], 'json'), new Uint8Array(50), about);
    const old = Date.now() - 40 * DAY * 1000;
    const { id } = await aTask({ id: uuidv7({ msecs: old }), state: 'SUCCESS', createdAt: old, finishedAt: old });
    await enqueue(engine, [
      { definition: engine.registry.get('email.welcome')!, input: { user_id: 'u', email: 'ada@example.com' } },
    ]);
    await engine.drain();

    const run = async () => {
      const [receipt] = await enqueue(engine, [
        { definition: engine.registry.get('maintenance.clean_up')!, input: {} },
      ]);
      await engine.drain();
      return JSON.parse(((await findTask(engine, receipt!.taskId)).result as { json: string }).json);
    };
    const first = await run();
    expect(first).toMatchObject({
      uploads: { deleted: 0, bytes: 0, done: true },
      outputs: { deleted: 0, done: true },
      tasks: { done: true },
      mails: { deleted: 0, done: true },
    });
    expect(first.tasks.deleted).toBeGreaterThan(0);
    await expect(findTask(engine, id)).rejects.toMatchObject({ code: 'task_not_found' });
    expect(await files.stat(upload.key)).toBeDefined();

    // Ids and R2 use the real clock, so a retention of almost 0 seconds makes everything old.
    engine.taskSettings.retention = { uploadsSeconds: 0.001, outputsSeconds: 0.001, tasksSeconds: 0.001 };
    engine.settings.retentionSeconds = { SUCCESS: 0.001, FAILURE: 0.001, REVOKED: 0.001 };
    engine.advance(5);
    const second = await run();
    expect(second).toMatchObject({
      uploads: { deleted: 1, bytes: 100, done: true },
      outputs: { deleted: 1, bytes: 50 },
    });
    expect(second.mails.deleted).toBeGreaterThan(0);
    expect(await files.stat(upload.key)).toBeUndefined();
    expect(await run()).toMatchObject({ uploads: { deleted: 0 }, outputs: { deleted: 0 } });
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

  it('is scheduled for 02:00', async () => {
    const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
    await sweep(engine);
    const row = await env.DB.prepare("SELECT next_at FROM schedules WHERE name = 'clean-up-every-day'").first<{
      next_at: number;
    }>();
    expect(new Date(row!.next_at).toISOString()).toMatch(/T02:00:00/);
  });
});
