import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, enqueue } from '../../../src/engine/manage.ts';
import { scripted } from '../../support/scripted.ts';
import { anApp, problemOf, reply } from '../../support/worker.ts';

interface Sums {
  succeeded: number;
  failed: number;
  revoked: number;
  retried: number;
}

interface Stats {
  since: string;
  until: string;
  step_seconds: number;
  series: (Sums & { at: string; runtime_p50_ms: number | null })[];
  definitions: (Sums & {
    name: string;
    queue: string;
    crashed: number;
    failure_rate: number | null;
    runtime_p95_ms: number | null;
    wait_p95_ms: number | null;
    cost_per_1000_usd: number | null;
  })[];
  queues: (Sums & { name: string; wait_p50_ms: number | null })[];
  running: number;
  recent_failures: { name: string; code: string; exception: string; message: string; count: number; task_id: string }[];
}

beforeEach(async () => {
  const tables = ['tasks', 'task_stats', 'task_totals', 'task_periods', 'failure_stats', 'sweeps'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const anAppWithTasks = () => anApp({}, { registry: createRegistry([scripted]) });
const ago = (app: Awaited<ReturnType<typeof anApp>>, seconds: number) =>
  new Date(app.engine.clock.now() - seconds * 1000).toISOString();

describe('GET /stats', () => {
  it('is empty, and says so, before anything ran', async () => {
    const app = await anAppWithTasks();
    const stats = await reply<Stats>(200, app.call('GET /stats'));
    expect(stats).toMatchObject({ step_seconds: 60, definitions: [], queues: [], running: 0 });
    // An hour of minutes, in which nothing ended.
    expect(stats.series).toHaveLength(61);
    expect(stats.series.every(({ succeeded, runtime_p50_ms }) => succeeded === 0 && runtime_p50_ms === null)).toBe(
      true,
    );
    expect(Date.parse(stats.until) - Date.parse(stats.since)).toBe(3_600_000);
  });

  it('tells counts, rates, percentiles and what failed, by definition and by queue', async () => {
    const app = await anAppWithTasks();
    const options = { queue: 'low' as const };
    await enqueue(app.engine, [
      { definition: scripted, input: {} },
      { definition: scripted, input: {} },
      { definition: scripted, input: { do: ['fail'] } },
      { definition: scripted, input: { do: ['retry', 'succeed'] }, options },
    ]);
    await app.engine.drain();

    const stats = await reply<Stats>(200, app.call('GET /stats'));
    const inDefault = stats.definitions.find(({ queue }) => queue === 'default');
    expect(inDefault).toMatchObject({ name: 'test.scripted', succeeded: 2, failed: 1, retried: 0, crashed: 0 });
    expect(inDefault?.failure_rate).toBeCloseTo(1 / 3);
    expect(inDefault?.runtime_p95_ms).toBeGreaterThanOrEqual(0);
    expect(inDefault?.cost_per_1000_usd).toBeGreaterThan(0.005);
    expect(stats.queues.find(({ name }) => name === 'low')).toMatchObject({ succeeded: 1, retried: 1 });
    expect(stats.recent_failures).toMatchObject([
      {
        name: 'test.scripted',
        code: 'on_purpose',
        exception: 'PermanentFailure',
        message: 'failed on purpose',
        count: 1,
      },
    ]);
    const sum = (pick: (sums: Sums) => number) => stats.series.reduce((total, point) => total + pick(point), 0);
    expect([sum((s) => s.succeeded), sum((s) => s.failed), sum((s) => s.retried)]).toEqual([3, 1, 1]);
  });

  it('reads minutes written without histograms', async () => {
    const app = await anAppWithTasks();
    const minute = app.engine.clock.now() - (app.engine.clock.now() % 60_000);
    const insert = env.DB.prepare(
      "INSERT INTO task_stats (minute, name, queue, succeeded, runtimes, waits) VALUES (?, 'old.minutes', 'low', 1, ?, ?)",
    );
    await env.DB.batch([insert.bind(minute, null, null), insert.bind(minute - 60_000, '[null,null]', '[null]')]);
    const stats = await reply<Stats>(200, app.call('GET /stats'));
    expect(stats.definitions).toMatchObject([
      { name: 'old.minutes', succeeded: 2, runtime_p95_ms: null, wait_p95_ms: null, cost_per_1000_usd: null },
    ]);
  });

  it.each([
    [0, 60],
    [3600, 60],
    [21_600, 180],
    [21_601, 3600],
    [86_400, 3600],
    [172_800, 3600],
    [172_801, 14_400],
    [7 * 86_400, 14_400],
    [30 * 86_400, 14_400],
  ])('since %i s has steps of %i s, and never more than a screen holds', async (seconds, step) => {
    const app = await anAppWithTasks();
    const stats = await reply<Stats>(200, app.call(`GET /stats?since=${ago(app, seconds)}`));
    expect(stats.step_seconds).toBe(step);
    const span = (Date.parse(stats.until) - Date.parse(stats.since)) / 1000;
    expect(span).toBeCloseTo(Math.min(seconds, 7 * 86_400));
    expect(span / step).toBeLessThanOrEqual(168);
  });

  it('takes a time in the future for now, and refuses what is none', async () => {
    const app = await anAppWithTasks();
    expect(await reply<Stats>(200, app.call(`GET /stats?since=${ago(app, -60)}`))).toMatchObject({
      series: [{ succeeded: 0 }],
    });
    const refused = await problemOf(app.call('GET /stats?since=yesterday'));
    expect(refused).toMatchObject({ status: 422, errors: [{ path: 'since' }] });
  });

  it('costs the same whether a few or many tasks stand in the table', async () => {
    const app = await anAppWithTasks();
    const rowsRead = async () => {
      app.engine.batches.splice(0);
      await reply<Stats>(200, app.call('GET /stats'));
      return app.engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
    };
    const few = await rowsRead();
    await env.DB.prepare(
      `INSERT INTO tasks (id, name, queue, state, input, max_retries, created_at, due_at, wake_at, finished_at)
       SELECT printf('018f0000-0000-7000-8000-%012d', value), 'a.b', 'low', 'SUCCESS', '{}', 3, 0, 0, 0, 0 FROM json_each(?)`,
    )
      .bind(JSON.stringify(Array.from({ length: 5000 }, (_, n) => n)))
      .run();
    expect(await rowsRead()).toBe(few);
  });
});
