// The chore that deletes what is older than its retention.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chord, defineTask } from '../../../src/engine/index.ts';
import { enqueue, sweep, useEngine } from '../../../src/engine/manage.ts';
import { pruneTasks } from '../../../src/engine/sweep/prune.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const DAY = 86_400_000;

beforeEach(async () => {
  const tables = ['tasks', 'task_keys', 'task_tags', 'attempts', 'workflows', 'workflow_tasks', 'edges', 'sweeps'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('pruning', () => {
  it('deletes final tasks after the retention of their state, and no unfinished task', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const { SUCCESS, FAILURE } = engine.settings.retentionSeconds;
    const aged = (state: 'SUCCESS' | 'FAILURE' | 'PENDING', ageMs: number) => aTask({ state, createdAt: now - ageMs });
    // Ids carry the time of creation, so old tasks need old ids.
    const old = async (state: 'SUCCESS' | 'FAILURE' | 'PENDING', ageMs: number) => {
      const { id } = await aged(state, ageMs);
      const oldId = `00000000-0000-7${id.slice(15)}`;
      await env.DB.prepare('UPDATE tasks SET id = ? WHERE id = ?').bind(oldId, id).run();
      return oldId;
    };
    const gone = [await old('SUCCESS', SUCCESS * 1000 + DAY), await old('FAILURE', FAILURE * 1000 + DAY)];
    const kept = [await old('SUCCESS', SUCCESS * 1000 - DAY), await old('PENDING', 1000 * DAY)];
    expect(await pruneTasks(engine)).toBe(2);
    expect(await statesOf(gone)).toEqual([]);
    expect(await statesOf(kept)).toEqual(['SUCCESS', 'PENDING']);
  });

  it('deletes the attempts, dedupe keys and tags of a task with it', async () => {
    const engine = await makeEngine([scripted]);
    const options = { tags: ['old'], idempotencyKey: crypto.randomUUID() };
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: { do: ['fail'] }, options }]);
    await engine.deliver();
    const id = receipt!.taskId;
    const rows = async () => {
      const counts = ['attempts', 'task_keys', 'task_tags'].map((table) =>
        env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE task_id = ?`).bind(id).first<number>('n'),
      );
      return Promise.all(counts);
    };
    expect(await rows()).toEqual([1, 1, 1]);
    engine.advance(400 * 86_400);
    await pruneTasks(engine);
    expect(await rows()).toEqual([0, 0, 0]);
    await expect(rowOf(id)).rejects.toThrow();
  });

  it('runs at most every ten minutes', async () => {
    const engine = await makeEngine([scripted]);
    engine.advance(500 * 86_400);
    await sweep(engine);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    await engine.deliver();
    engine.settings.retentionSeconds = { SUCCESS: -1, FAILURE: 1, REVOKED: 1 };
    engine.advance(9 * 60);
    expect((await sweep(engine)).prune).toBe(0);
    engine.advance(60);
    expect((await sweep(engine)).prune).toBe(1);
    expect(await statesOf([receipt!.taskId])).toEqual([]);
  });

  it('deletes a finished task that holds a unique key which is free again', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [
      {
        definition: scripted,
        input: {},
        options: { unique: { key: crypto.randomUUID(), forSeconds: 365 * 86_400, until: 'success' } },
      },
    ]);
    await engine.deliver();
    engine.advance(40 * 86_400);
    await sweep(engine);
    await expect(rowOf(receipt!.taskId)).rejects.toThrow();
  });

  it('deletes a workflow whole, and only when all of it is old', async () => {
    const item = defineTask({ name: 'test.item', input: z.object({}), output: z.object({}), run: () => ({}) });
    const engine = await makeEngine([item]);
    useEngine(engine);
    const { workflowId, taskIds } = await chord([item.s(), item.s()], item.si({})).enqueue();
    await engine.drain();
    engine.advance(10 * 86_400);
    await sweep(engine);
    expect(await statesOf(taskIds)).toHaveLength(3); // a success alone would be gone by now
    engine.advance(25 * 86_400);
    await sweep(engine);
    expect(await statesOf(taskIds)).toEqual([]);
    const left = await env.DB.prepare(
      'SELECT (SELECT count(*) FROM workflows WHERE id = ?1) + (SELECT count(*) FROM workflow_tasks WHERE workflow_id = ?1) AS n',
    )
      .bind(workflowId)
      .first<{ n: number }>();
    expect(left?.n).toBe(0);
  });
});
