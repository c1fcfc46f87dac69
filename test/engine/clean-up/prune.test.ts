// The engine's own chores of the clean-up: what is older than its retention is deleted, the rest is kept.
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chord, defineTask } from '../../../src/engine/index.ts';
import { type Engine, enqueue, findWorkflow, useEngine } from '../../../src/engine/manage.ts';
import { firstId } from '../../../src/engine/store/ids.ts';
import { aTask } from '../../support/a-task.ts';
import { cleanUpAll } from '../../support/clean-up.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const DAY = 86_400_000;

beforeEach(async () => {
  const tables = 'tasks task_keys task_tags attempts workflows workflow_tasks edges task_batches clean_ups circuits';
  await env.DB.batch(tables.split(' ').map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** A final or waiting task that was created, and ended, that long ago. Ids carry the time of creation. */
async function aged(engine: Engine, state: 'SUCCESS' | 'FAILURE' | 'PENDING', ageMs: number) {
  const createdAt = engine.clock.now() - ageMs;
  return (await aTask({ state, createdAt, finishedAt: createdAt, id: uuidv7({ msecs: createdAt }) })).id;
}

const keysUnder = async (prefix: string) => (await env.FILES.list({ prefix })).objects.map(({ key }) => key);

describe('the chore of tasks', () => {
  it('deletes final tasks after the retention of their state, and no unfinished task', async () => {
    const engine = await makeEngine([]);
    const { SUCCESS, FAILURE } = engine.settings.retentionSeconds;
    const gone = [
      await aged(engine, 'SUCCESS', SUCCESS * 1000 + 1000),
      await aged(engine, 'FAILURE', FAILURE * 1000 + 1000),
    ];
    const kept = [await aged(engine, 'SUCCESS', SUCCESS * 1000 - 1000), await aged(engine, 'PENDING', 1000 * DAY)];
    expect((await cleanUpAll(engine)).deleted.tasks).toBe(2);
    expect(await statesOf(gone)).toEqual([]);
    expect(await statesOf(kept)).toEqual(['SUCCESS', 'PENDING']);
  });

  it('deletes the attempts, dedupe keys, tags and payloads of a task with it', async () => {
    const engine = await makeEngine([scripted]);
    const options = { tags: ['old'], idempotencyKey: crypto.randomUUID() };
    const input = { do: ['fail' as const], note: 'x'.repeat(40_000) };
    const [receipt] = await enqueue(engine, [{ definition: scripted, input, options }]);
    await engine.deliver();
    const id = receipt!.taskId;
    const rows = async () => {
      const counts = ['attempts', 'task_keys', 'task_tags'].map((table) =>
        env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE task_id = ?`).bind(id).first<number>('n'),
      );
      return Promise.all(counts);
    };
    expect(await rows()).toEqual([1, 1, 1]);
    expect(await keysUnder(`payloads/${id}/`)).toHaveLength(1);
    engine.advance(400 * 86_400);
    await cleanUpAll(engine);
    expect(await rows()).toEqual([0, 0, 0]);
    expect(await keysUnder(`payloads/${id}/`)).toEqual([]);
    await expect(rowOf(id)).rejects.toThrow();
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
    await cleanUpAll(engine);
    await expect(rowOf(receipt!.taskId)).rejects.toThrow();
  });
});

describe('the chore of workflows', () => {
  const item = defineTask({ name: 'test.item', input: z.object({}), output: z.object({}), run: () => ({}) });

  it('deletes a workflow whole, and only when all of it is old', async () => {
    const engine = await makeEngine([item]);
    useEngine(engine);
    const { workflowId, taskIds } = await chord([item.s(), item.s()], item.si({})).enqueue();
    await engine.drain();
    engine.advance(10 * 86_400);
    await cleanUpAll(engine);
    expect(await statesOf(taskIds)).toHaveLength(3); // a success alone would be gone by now
    engine.advance(25 * 86_400);
    expect((await cleanUpAll(engine)).deleted.workflows).toBe(1);
    expect(await statesOf(taskIds)).toEqual([]);
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM workflows WHERE id = ?1) + (SELECT count(*) FROM workflow_tasks WHERE workflow_id = ?1)
        + (SELECT count(*) FROM edges) AS n`,
    )
      .bind(workflowId)
      .first<{ n: number }>();
    expect(left?.n).toBe(0);
  });

  it('deletes many small ones in one portion, and a large one alone', async () => {
    const engine = await makeEngine([item]);
    useEngine(engine);
    const sizes = [1, 1, 1100, 1, 1];
    const workflows = [];
    for (const size of sizes)
      workflows.push((await chord(Array(size).fill(item.s()), item.si({})).enqueue()).workflowId);
    await env.DB.batch([
      env.DB.prepare("UPDATE tasks SET state = 'REVOKED', finished_at = created_at"),
      env.DB.prepare('UPDATE workflows SET done = total'),
    ]);
    engine.advance(40 * 86_400);
    const before = engine.batches.length;
    expect((await cleanUpAll(engine)).deleted.workflows).toBe(5);
    const deletions = engine.batches
      .slice(before)
      .filter((results) => results.length > 4 && results.at(-1)!.meta.changes > 0);
    expect(deletions.map((results) => results.at(-1)!.meta.changes)).toEqual([2, 1, 2]);
    for (const id of workflows)
      await expect(findWorkflow(engine, id)).rejects.toMatchObject({ code: 'workflow_not_found' });
  });
});

describe('the chore of records', () => {
  it('deletes the failures, circuits and counters of 90 days ago', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const failure = `INSERT INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
      VALUES (?1, 'low', 'Error', 1, '', '', ?2, '')`;
    const circuit = 'INSERT INTO circuits (name, failures, failed_at) VALUES (?1, 1, ?2)';
    for (const sql of [failure, circuit])
      for (const [name, days] of [
        ['old', 91],
        ['new', 89],
      ] as const)
        await env.DB.prepare(sql)
          .bind(name, now - days * DAY)
          .run();
    await cleanUpAll(engine);
    for (const table of ['failure_stats', 'circuits'])
      expect((await env.DB.prepare(`SELECT name FROM ${table}`).all()).results).toEqual([{ name: 'new' }]);
  });
});

describe('the chore of payloads', () => {
  it('deletes payloads that no row names when they are a day old, and keeps all others', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask({ state: 'SUCCESS' });
    const [named, lost] = [`payloads/${id}/result-2.json`, `payloads/${id}/result-1.json`];
    await env.DB.prepare('UPDATE tasks SET result = NULL, result_key = ? WHERE id = ?').bind(named, id).run();
    const uncommitted = `payloads/${firstId(Date.now())}/input.json`;
    for (const key of [named, lost, uncommitted]) await engine.payloads.put(key, '1');

    engine.advance(80_000);
    expect((await cleanUpAll(engine)).deleted.payloads).toBe(0);

    engine.advance(86_400);
    expect((await cleanUpAll(engine)).deleted.payloads).toBe(2);
    expect(await keysUnder('payloads/')).toEqual([named]);
  });

  it('goes through more payloads than R2 lists in one call', async () => {
    const engine = await makeEngine([]);
    const keys = Array.from({ length: 1010 }, (_, n) => `payloads/${firstId(n)}/input.json`);
    await Promise.all(keys.map((key) => env.FILES.put(key, '1')));
    engine.advance(2 * 86_400);
    expect((await cleanUpAll(engine)).deleted.payloads).toBeGreaterThanOrEqual(1010);
    expect(await keysUnder(`payloads/${firstId(5).slice(0, 9)}`)).toEqual([]);
  });
});
