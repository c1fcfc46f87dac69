// The chore that adds finished minutes to the totals.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Counts, enqueue, readTotals, sumCounts, sweep } from '../../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  const tables = ['task_stats', 'task_totals', 'task_periods', 'failure_stats', 'sweeps'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

async function totalOf(engine: TestEngine, name: string): Promise<Counts | undefined> {
  return [...sumCounts(await readTotals(engine)).values()].find((counts) => counts.name === name);
}

describe('the chore', () => {
  it('rolls up finished minutes, and leaves the latest ones for attempts that are settled late', async () => {
    const engine = await makeEngine([scripted]);
    await enqueue(engine, [
      { definition: scripted, input: {} },
      { definition: scripted, input: { do: ['fail'] } },
    ]);
    await engine.deliver();
    const before = await totalOf(engine, 'test.scripted');
    expect(before).toMatchObject({ succeeded: 1, failed: 1, attempts: 2, firstAttempts: 2 });
    const rolled = () => env.DB.prepare('SELECT coalesce(sum(succeeded), 0) AS n FROM task_totals').first<number>('n');

    await sweep(engine);
    expect(await rolled()).toBe(0);
    for (let minute = 0; minute < 12; minute++) {
      engine.advance(60);
      await sweep(engine);
      expect(await totalOf(engine, 'test.scripted')).toEqual(before);
    }
    expect(await rolled()).toBe(1);
  });

  it('counts a crash as an attempt, and a poisoned task as a failure of its class', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxCrashes = 1;
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
    const id = receipt!.taskId;
    await env.DB.batch([
      env.DB.prepare(
        "UPDATE tasks SET state = 'STARTED', lease_id = 'gone', fence = 1, started_at = 1 WHERE id = ?",
      ).bind(id),
      env.DB.prepare(
        "INSERT INTO leases (id, queue, task_ids, until) VALUES ('gone', 'default', json_array(?), 1)",
      ).bind(id),
    ]);
    await sweep(engine);
    expect(await totalOf(engine, 'test.scripted')).toMatchObject({
      crashed: 1,
      failed: 1,
      attempts: 1,
      firstAttempts: 1,
    });
    const failure = await env.DB.prepare('SELECT * FROM failure_stats').first();
    expect(failure).toMatchObject({ exception: 'WorkerLostError', failures: 1, code: 'poisoned', last_task_id: id });
  });
});
