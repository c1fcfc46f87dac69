import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { QUEUES } from '../../../src/engine/manage.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, call, finish, problemOf, reply } from '../../support/worker.ts';

interface QueueJson {
  name: string;
  advice: string;
  paused: boolean;
  backlog: number | null;
  waiting: number;
  running: number;
  oldest_seconds: number | null;
  throughput_per_minute: number;
}

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

const queueOf = async (name: string) => {
  const { items } = await reply<{ items: QueueJson[] }>(200, call('GET /queues', { key }));
  return items.find((queue) => queue.name === name)!;
};

describe('a queue over HTTP', () => {
  it('says when to choose it', async () => {
    expect((await queueOf('high')).advice).toBe(QUEUES.high.advice);
  });

  it('is paused, shows what waits in it, and runs that when it is resumed', async () => {
    expect(await reply<QueueJson>(200, call('POST /queues/low/pause', { key }))).toMatchObject({
      name: 'low',
      paused: true,
    });
    const json = { name: 'demo.add', input: { a: 1, b: 1 }, options: { queue: 'low' } };
    const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json }));
    expect(await queueOf('low')).toMatchObject({ paused: true, waiting: 1, running: 0 });
    expect((await queueOf('low')).oldest_seconds).toBeGreaterThanOrEqual(0);
    expect((await reply<TaskJson>(200, call(`GET /tasks/${task_id}`, { key }))).status).toBe('PENDING');

    expect(await reply<QueueJson>(200, call('POST /queues/low/resume', { key }))).toMatchObject({ paused: false });
    expect((await finish(key, task_id)).status).toBe('SUCCESS');
    const after = await queueOf('low');
    expect(after).toMatchObject({ waiting: 0, oldest_seconds: null });
    expect(after.throughput_per_minute).toBeGreaterThan(0);
  });

  it('that does not exist is 404', async () => {
    expect(await problemOf(call('POST /queues/dead/pause', { key }))).toMatchObject({
      status: 404,
      code: 'queue_not_found',
    });
  });
});

describe('priority', () => {
  it('high starts at once under a backlog of 5,000 low tasks', async () => {
    const tasks = Array.from({ length: 5000 }, () => ({
      name: 'demo.sleep',
      input: { seconds: 0.02, steps: 1 },
      options: { priority: 'low' },
    }));
    const { task_ids } = await reply<{ task_ids: string[] }>(202, call('POST /tasks/batch', { key, json: { tasks } }));
    const json = { name: 'demo.add', input: { a: 1, b: 1 }, options: { priority: 'high' } };
    const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json }));
    const high = await finish(key, task_id);
    const ofLow = (what: string) =>
      env.DB.prepare(`SELECT ${what} FROM json_each(?1) AS low JOIN tasks ON tasks.id = low.value`)
        .bind(JSON.stringify(task_ids))
        .first<number>('n');
    await expect.poll(() => ofLow("sum(state = 'SUCCESS') AS n"), { timeout: 45_000 }).toBe(5000);
    const ahead = await ofLow(`sum(started_at < ${Date.parse(high.started_at!)}) AS n`);
    expect(ahead).toBeLessThan(1000);
  }, 60_000);
});
