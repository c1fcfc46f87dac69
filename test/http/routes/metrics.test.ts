// GET /metrics: what boards for celery-exporter read, and that nothing in the database can break a scrape.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import {
  callBehindCircuit,
  createRegistry,
  enqueue,
  pauseQueue,
  revokeTasks,
  sweep,
} from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { scripted } from '../../support/scripted.ts';
import { aKey, anApp, call, ORIGIN, problemOf } from '../../support/worker.ts';

type App = Awaited<ReturnType<typeof anApp>>;

beforeEach(async () => {
  const tables = [
    'tasks',
    'leases',
    'task_stats',
    'task_totals',
    'task_periods',
    'failure_stats',
    'sweeps',
    'circuits',
  ];
  await env.DB.batch([...tables, 'paused_queues'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const anAppWithTasks = () => anApp({}, { registry: createRegistry([scripted]) });

/** `name{labels}` → value. Throws where a line is not what the text format allows. */
async function scrape(app: App): Promise<Map<string, number>> {
  const response = await app.call('GET /metrics');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parse(await response.text());
}

function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    if (/^# (HELP [a-z0-9_]+ \S.*|TYPE [a-z0-9_]+ (counter|gauge|histogram))$/.test(line)) continue;
    const [, series, value] =
      line.match(/^([a-z0-9_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (-?[0-9.e+-]+)$/) ?? [];
    if (series === undefined) throw new Error(`not a sample: ${line}`);
    if (samples.has(series)) throw new Error(`twice: ${series}`);
    samples.set(series, Number(value));
  }
  return samples;
}

const of = (queue: string, more = '') => `{name="test.scripted",hostname="errand",queue_name="${queue}"${more}}`;

/** One failure of each class. */
async function fail(name: string, queue: string, exceptions: string[]): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
     SELECT ?1, ?2, value, 1, 'error', 'x', ?4, 'x' FROM json_each(?3)`,
  )
    .bind(name, queue, JSON.stringify(exceptions), Date.now())
    .run();
}

async function runSome(app: App): Promise<void> {
  await enqueue(app.engine, [
    { definition: scripted, input: {} },
    { definition: scripted, input: {} },
    { definition: scripted, input: { do: ['fail'] } },
    { definition: scripted, input: { do: ['retry', 'succeed'] }, options: { queue: 'low' } },
  ]);
  await app.engine.drain();
}

describe('GET /metrics', () => {
  it('has the names, labels and types of celery-exporter', async () => {
    const app = await anAppWithTasks();
    await runSome(app);
    const text = await (await app.call('GET /metrics')).text();
    const types = Object.fromEntries(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
    );
    for (const name of ['sent', 'received', 'started', 'succeeded', 'failed', 'retried', 'revoked'])
      expect(types[`celery_task_${name}_total`], name).toBe('counter');
    expect(types).toMatchObject({
      celery_task_runtime: 'histogram',
      celery_task_queue_wait_time: 'histogram',
      celery_queue_length: 'gauge',
      celery_worker_up: 'gauge',
      celery_worker_tasks_active: 'gauge',
    });
    const samples = parse(text);
    expect(samples.get(`celery_task_sent_total${of('default')}`)).toBe(3);
    expect(samples.get(`celery_task_succeeded_total${of('default')}`)).toBe(2);
    expect(samples.get(`celery_task_failed_total${of('default', ',exception="PermanentFailure"')}`)).toBe(1);
    expect(samples.get(`celery_task_failed_total${of('low', ',exception="TimeoutError"')}`)).toBe(0);
    expect(samples.get(`celery_task_started_total${of('low')}`)).toBe(2);
    expect(samples.get(`celery_task_retried_total${of('low')}`)).toBe(1);
    expect(samples.get('celery_queue_length{queue_name="email"}')).toBe(0);
  });

  it('counts every task as sent and every attempt as started, whenever they are revoked', async () => {
    const app = await anAppWithTasks();
    const { engine } = app;
    const again = await enqueueOne(engine, { do: ['retry'] });
    await engine.deliver();
    const [waiting, running] = [await enqueueOne(engine), await enqueueOne(engine)];
    engine.advance(10);
    await claimAndDie(engine, [again, running]);

    await revokeTasks(engine, [waiting, running, again]);

    const samples = await scrape(app);
    expect(samples.get(`celery_task_revoked_total${of('default')}`)).toBe(3);
    expect(samples.get(`celery_task_sent_total${of('default')}`)).toBe(3);
    expect(samples.get(`celery_task_started_total${of('default')}`)).toBe(3);
  });

  it('counts the rows of D1 that the engine used, but for what was not written down yet, in rows written anyway', async () => {
    const app = await anAppWithTasks();
    const { engine } = app;
    engine.batches.splice(0);
    await runSome(app);
    engine.advance(1200);
    await sweep(engine);
    const metas = engine.batches.slice(0, -1).flat(); // the last one wrote it down
    const read = metas.reduce((sum, { meta }) => sum + meta.rows_read, 0);
    const written = metas.reduce((sum, { meta }) => sum + meta.rows_written, 0);

    const samples = await scrape(app);
    expect(read).toBeGreaterThan(50);
    expect(samples.get('errand_d1_rows_read_total')).toBe(read);
    expect(samples.get('errand_d1_rows_written_total')).toBe(written);
  });

  it('has histograms whose buckets never fall and end at the count', async () => {
    const app = await anAppWithTasks();
    await runSome(app);
    const samples = await scrape(app);
    for (const name of ['celery_task_runtime', 'celery_task_queue_wait_time']) {
      const prefix = `${name}_bucket${of('default', ',le="').slice(0, -1)}`;
      const buckets = [...samples].filter(([series]) => series.startsWith(prefix)).map(([, value]) => value);
      expect(buckets.length).toBeGreaterThan(10);
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
      expect(samples.get(`${name}_bucket${of('default', ',le="+Inf"')}`)).toBe(3);
      expect(samples.get(`${name}_count${of('default')}`)).toBe(3);
      expect(samples.get(`${name}_sum${of('default')}`)).toBeGreaterThanOrEqual(0);
    }
  });

  it('shows queues, circuits, the sweep and what it rang for again', async () => {
    const app = await anAppWithTasks();
    expect(await scrape(app)).not.toContain('errand_sweep_age_seconds');
    expect((await scrape(app)).get('celery_worker_up{hostname="errand"}')).toBe(0);

    const now = app.engine.clock.now();
    await aTask({ queue: 'low', createdAt: now - 100_000 });
    await aTask({ queue: 'files', state: 'STARTED', createdAt: now });
    await sweep(app.engine);
    app.engine.advance(30);
    await pauseQueue(app.engine, 'email');
    const { faults } = app.engine.settings.circuit;
    for (let n = 0; n < faults; n++) {
      const failing = callBehindCircuit(app.engine, 'api.example.com', () => Promise.reject(new Error('away')));
      await expect(failing).rejects.toThrow('away');
    }

    const samples = await scrape(app);
    expect(samples.get('errand_schedule_late_seconds')).toBe(0);
    expect(samples.get('errand_sweep_age_seconds')).toBeCloseTo(30, 0);
    expect(samples.get('celery_worker_up{hostname="errand"}')).toBe(1);
    expect(samples.get('errand_tasks_redelivered_total')).toBe(1);
    expect(samples.get('errand_queue_waiting{queue_name="low"}')).toBe(1);
    expect(samples.get('errand_queue_oldest_seconds{queue_name="low"}')).toBeCloseTo(130, 0);
    expect(samples.get('errand_queue_running{queue_name="files"}')).toBe(1);
    expect(samples.get('errand_queue_paused{queue_name="email"}')).toBe(1);
    expect(samples.get('errand_queue_paused{queue_name="low"}')).toBe(0);
    expect(samples.get('errand_circuit_open{dependency="api.example.com"}')).toBe(1);
    expect(samples.get('celery_worker_tasks_active{hostname="errand"}')).toBe(1);

    app.engine.advance(400);
    expect((await scrape(app)).get('celery_worker_up{hostname="errand"}')).toBe(0);
  });

  it('does not take a task that is due tomorrow for one that waits', async () => {
    const app = await anAppWithTasks();
    await enqueue(app.engine, [{ definition: scripted, input: {}, options: { queue: 'low', countdown: 86_400 } }]);
    app.engine.advance(3600);
    const early = await scrape(app);
    expect(early.get('errand_queue_waiting{queue_name="low"}')).toBe(1);
    expect(early.get('errand_queue_oldest_seconds{queue_name="low"}')).toBe(0);
    app.engine.advance(86_400);
    expect((await scrape(app)).get('errand_queue_oldest_seconds{queue_name="low"}')).toBeCloseTo(3600, 0);
  });

  it('has counters that never go down, whatever runs, is rolled up or pruned', async () => {
    const app = await anAppWithTasks();
    let before = new Map<string, number>();
    for (let round = 0; round < 6; round++) {
      await runSome(app);
      app.engine.advance(round % 2 ? 40 * 86_400 : 300);
      await sweep(app.engine);
      const samples = await scrape(app);
      for (const [series, value] of before) {
        if (!/_(total|bucket|count|sum)\b/.test(series)) continue;
        expect(samples.get(series) ?? -1, series).toBeGreaterThanOrEqual(value);
      }
      before = samples;
    }
    expect(before.get(`celery_task_succeeded_total${of('default')}`)).toBe(12);
  });

  it('escapes what an exception is called', async () => {
    const app = await anAppWithTasks();
    const hostile = '"\n\\} 1\n# TYPE x counter';
    await fail('a.b', 'low', ['a\\', hostile, '{}', '€ 🎈', '\u202e', '']);
    const samples = await scrape(app);
    const escaped = '"\\"\\n\\\\} 1\\n# TYPE x counter"';
    expect(
      samples.get(`celery_task_failed_total{name="a.b",hostname="errand",queue_name="low",exception=${escaped}}`),
    ).toBe(1);
    expect([...samples.keys()].filter((series) => series.startsWith('celery_task_failed_total'))).toHaveLength(6);
  });

  it('has no empty label: an exception without a name is an unknown one', async () => {
    const app = await anAppWithTasks();
    await runSome(app);
    await fail('test.scripted', 'default', ['', 'TimeoutError']);
    const samples = await scrape(app);
    const count = (exception: string) =>
      samples.get(`celery_task_failed_total${of('default', `,exception="${exception}"`)}`);
    expect(['UnknownException', 'TimeoutError', 'PermanentFailure'].map(count)).toEqual([1, 1, 1]);
    expect([...samples.keys()].filter((series) => series.includes('=""'))).toEqual([]);
  });

  it('says of no class that it is 0 when there are too many classes to say', async () => {
    const app = await anAppWithTasks();
    await runSome(app);
    await fail(
      'a.b',
      'low',
      Array.from({ length: 600 }, (_, n) => `Error${n}`),
    );
    const failed = [...(await scrape(app))].filter(([series]) => series.startsWith('celery_task_failed_total'));
    expect(failed).toHaveLength(500);
    expect(failed.filter(([, value]) => value === 0)).toEqual([]);
  });

  it('reads a number of rows that depends neither on the tasks nor on the minutes there are', async () => {
    const app = await anAppWithTasks();
    await runSome(app);
    app.engine.advance(1200);
    await sweep(app.engine);
    const rowsRead = async () => {
      app.engine.batches.splice(0);
      await scrape(app);
      return app.engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
    };
    const few = await rowsRead();
    expect(few).toBeLessThan(100);
    const numbers = JSON.stringify(Array.from({ length: 5000 }, (_, n) => n));
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO tasks (id, name, queue, state, input, max_retries, created_at, due_at, wake_at, finished_at)
         SELECT printf('018f0000-0000-7000-8000-%012d', value), 'test.scripted', 'low', 'SUCCESS', '{}', 3, 0, 0, 0, 0 FROM json_each(?)`,
      ).bind(numbers),
      env.DB.prepare(
        `INSERT INTO task_stats (minute, name, queue, succeeded) SELECT (value + 1) * 60000, 'test.scripted', 'low', 1 FROM json_each(?)`,
      ).bind(numbers),
    ]);
    expect(await rowsRead()).toBe(few);
  });

  it('lets no missing queue metrics fail the scrape', async () => {
    const app = await anAppWithTasks();
    app.engine.queues.low.metrics = async () => {
      throw new Error('Internal Server Error');
    };
    const samples = await scrape(app);
    expect(samples.has('celery_queue_length{queue_name="low"}')).toBe(false);
    expect(samples.has('celery_queue_length{queue_name="email"}')).toBe(true);
  });
});

describe('METRICS_TOKEN', () => {
  const METRICS_TOKEN = 'sixteen and more characters';
  const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 9, REGISTER_RATE_LIMIT: 9 };
  const closed = () => anApp({ settings: { ...settings, METRICS_TOKEN } });
  const bearer = (token: string, scheme = 'Bearer') => ({
    headers: { authorization: `${scheme} ${token}` },
    origin: ORIGIN,
  });

  it('opens /metrics and nothing else', async () => {
    const app = await closed();
    expect((await app.call('GET /metrics', bearer(METRICS_TOKEN))).status).toBe(200);
    expect((await app.call('GET /metrics', bearer(METRICS_TOKEN, 'bearer'))).status).toBe(200);
    for (const line of ['GET /stats', 'GET /tasks', 'GET /queues', 'POST /queues/low/pause', 'POST /metrics'])
      expect((await app.call(line, bearer(METRICS_TOKEN))).status, line).toBeGreaterThanOrEqual(401);
  });

  it('is not needed with a key that may read', async () => {
    const app = await closed();
    const reader = await aKey({ scopes: ['tasks:read'] });
    const writer = await aKey({ scopes: ['tasks:write'] });
    expect((await app.call('GET /metrics', { key: reader.key, origin: ORIGIN })).status).toBe(200);
    expect((await app.call('GET /metrics', { key: writer.key, origin: ORIGIN })).status).toBe(403);
  });

  it.each(['', ' ', 'Sixteen and more characters', METRICS_TOKEN.slice(0, -1), `${METRICS_TOKEN}x`, 'undefined'])(
    'is not %j',
    async (token) => {
      expect((await problemOf((await closed()).call('GET /metrics', bearer(token)))).code).toBe('unauthorized');
    },
  );

  it('that is not set lets no caller in', async () => {
    const app = await anApp({ settings });
    for (const token of ['undefined', '', 'null'])
      expect((await app.call('GET /metrics', bearer(token))).status).toBe(401);
    expect((await call('GET /metrics')).status).toBe(401);
  });

  it('is compared by digests, of which all are made however early it differs', async () => {
    const app = await closed();
    const digest = vi.spyOn(crypto.subtle, 'digest');
    const counts: number[] = [];
    for (const token of [METRICS_TOKEN.replace(/^./, 'x'), METRICS_TOKEN.replace(/.$/, 'x'), 'x', 'x'.repeat(500)]) {
      digest.mockClear();
      await app.call('GET /metrics', bearer(token));
      counts.push(digest.mock.calls.length);
    }
    digest.mockRestore();
    expect(counts).toEqual([2, 2, 2, 2]);
  });

  it('that is too short is refused at the start', () => {
    expect(() => readConfig({ METRICS_TOKEN: 'fifteen letters' })).toThrow(/METRICS_TOKEN/);
    expect(readConfig({ METRICS_TOKEN }).METRICS_TOKEN).toBe(METRICS_TOKEN);
  });
});
