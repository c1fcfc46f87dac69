// Records that have had their time are deleted in portions.
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { pruneRecords } from '../../../src/engine/store/prune-records.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine } from '../../support/engine.ts';

beforeEach(async () => {
  const tables = ['tasks', 'task_keys', 'task_stats', 'task_batches'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const NONE = { id: '', part: 0 };
const count = (table: string) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n');

it('dedupe keys and counters are deleted when their time has passed, up to the limit', async () => {
  const engine = await makeEngine([]);
  for (const expiresAt of [8, 9, 11])
    await env.DB.prepare("INSERT INTO task_keys (key, task_id, input_hash, expires_at) VALUES (?, 't', '', ?)")
      .bind(crypto.randomUUID(), expiresAt)
      .run();
  for (const minute of [60_000, 120_000])
    await env.DB.prepare("INSERT INTO task_stats (minute, name, queue) VALUES (?, 'a', 'low')").bind(minute).run();
  const cutoffs = { keys: 10, counters: 120_000, firings: 30, batchId: '' };
  expect(await pruneRecords(engine, cutoffs, NONE, 1)).toEqual({ deleted: 2, next: NONE });
  expect([await count('task_keys'), await count('task_stats')]).toEqual([2, 1]);
  expect(await pruneRecords(engine, cutoffs, NONE, 10)).toEqual({ deleted: 1, next: undefined });
  expect([await count('task_keys'), await count('task_stats')]).toEqual([1, 1]);
});

it('a walk over batches passes those of which tasks are left, also within one batch', async () => {
  const engine = await makeEngine([]);
  const { id } = await aTask();
  const insert = env.DB.prepare('INSERT INTO task_batches (id, part, task_ids) VALUES (?, ?, ?)');
  const [kept, gone] = [JSON.stringify(['x', id]), '["x"]'];
  const rows: [string, number, string][] = [
    ['a', 0, kept],
    ['b', 0, gone],
    ['b', 1, kept],
    ['b', 2, gone],
    ['c', 0, gone],
    ['z', 0, gone],
  ];
  await env.DB.batch(rows.map((row) => insert.bind(...row)));
  const cutoffs = { keys: 0, counters: 0, firings: 0, batchId: 'y' };
  const steps = [];
  for (let after: typeof NONE | undefined = NONE; after; ) {
    const { next } = await pruneRecords(engine, cutoffs, after, 2);
    steps.push(next);
    after = next;
  }
  expect(steps).toEqual([{ id: 'b', part: 0 }, { id: 'b', part: 2 }, undefined]);
  const left = await env.DB.prepare('SELECT id, part FROM task_batches ORDER BY id, part').all();
  expect(left.results).toEqual([
    { id: 'a', part: 0 },
    { id: 'b', part: 1 },
    { id: 'z', part: 0 },
  ]);
});
