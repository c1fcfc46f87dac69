// What the engine costs in D1 rows, queue messages and round trips, against the budgets. The lines it prints are read by the bench.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskContext } from '../../src/engine/index.ts';
import {
  type Counts,
  costPer1000,
  enqueue,
  findTaskWithWait,
  listTasks,
  overviewQueues,
  PRICES,
  sweep,
} from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';
import { stepped } from '../support/stepped.ts';

interface Cost {
  rows_read: number;
  rows_written: number;
  messages: number;
  round_trips: number;
}

function costOf(engine: TestEngine, messages: number): Cost {
  const metas = engine.batches.flat().map(({ meta }) => meta);
  return {
    rows_read: metas.reduce((sum, meta) => sum + meta.rows_read, 0),
    rows_written: metas.reduce((sum, meta) => sum + meta.rows_written, 0),
    messages,
    round_trips: engine.batches.length,
  };
}

function report(what: string, cost: Cost): void {
  console.log(
    `cost ${what} ${Object.entries(cost)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
  );
}

const per = (cost: Cost, count: number): Cost => ({
  rows_read: cost.rows_read / count,
  rows_written: cost.rows_written / count,
  messages: cost.messages / count,
  round_trips: cost.round_trips / count,
});

const NOTHING: Counts = {
  ...{ name: 'test.scripted', queue: 'default', succeeded: 0, failed: 0, revoked: 0, retried: 0, crashed: 0 },
  ...{ runtimeMs: 0, attempts: 0, firstAttempts: 0, rowsRead: 0, rowsWritten: 0, batches: 0, batched: 0 },
  ...{ runtimes: [], waits: [] },
};

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'leases', 'attempts', 'task_stats', 'task_tags', 'workflow_tasks'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
});

async function runTasks(count: number, steps: ('succeed' | 'retry')[] = ['succeed']): Promise<Cost> {
  const engine = await makeEngine([scripted]);
  engine.settings.version = { id: crypto.randomUUID(), tag: 'v1' };
  await env.DB.exec('DROP TRIGGER legal_transitions'); // the triggers of tests read rows too
  engine.batches.splice(0);
  await enqueue(
    engine,
    Array.from({ length: count }, () => ({ definition: scripted, input: { do: steps } })),
  );
  let messages = 0;
  for (const _ of steps) {
    await engine.idle();
    messages += engine.sent.default.length;
    await engine.deliver();
    engine.advance(60);
  }
  return costOf(engine, messages);
}

describe('the cost', () => {
  it('of a task in a bulk, from enqueue to SUCCESS: at most 6 rows written, 10 read and 0.05 messages', async () => {
    const cost = per(await runTasks(2000), 2000);
    report('bulk_task', cost);
    expect(cost.rows_written).toBeLessThanOrEqual(6.01); // the hundredth: one lease and one row of counters for many
    expect(cost.rows_read).toBeLessThanOrEqual(10);
    expect(cost.messages).toBeLessThanOrEqual(0.05);
  });

  it('of a task alone: at most 8 rows written, 1 message, 3 round trips', async () => {
    const cost = await runTasks(1);
    report('single_task', cost);
    expect(cost.rows_written).toBeLessThanOrEqual(8);
    expect(cost.messages).toBe(1);
    expect(cost.round_trips).toBe(3);
  });

  it('of a task alone and of its retries is what prices.ts assumes', async () => {
    const dollars = (cost: Cost) =>
      cost.rows_written * PRICES.perMillionRowsWritten +
      cost.rows_read * PRICES.perMillionRowsRead +
      cost.messages * 3 * PRICES.perMillionQueueOperations;
    const counts = (attempts: number) => ({ ...NOTHING, firstAttempts: 1, attempts, retried: attempts - 1 });
    const [once, twice] = [await runTasks(1), await runTasks(1, ['retry', 'succeed'])];

    expect(costPer1000(counts(1))).toBeCloseTo(dollars(once) / 1000, 9);
    expect(costPer1000(counts(2))).toBeCloseTo(dollars(twice) / 1000, 9);
  });

  it('of a step: 1 row written and 1 round trip; steps beside each other, also of other tasks, share it', async () => {
    const costOfSteps = async (tasks: number, code: (ctx: TaskContext) => unknown) => {
      const definition = stepped(async (ctx) => void (await code(ctx)));
      const engine = await makeEngine([definition]);
      await env.DB.exec('DROP TRIGGER legal_transitions');
      await enqueue(
        engine,
        Array.from({ length: tasks }, () => ({ definition, input: null })),
      );
      await engine.idle();
      engine.batches.splice(0);
      await engine.deliver();
      return costOf(engine, 0);
    };
    const inOrder = (count: number) => async (ctx: TaskContext) => {
      for (let n = 0; n < count; n++) await ctx.step.do(`step ${n}`, () => n);
    };
    const [none, one, ten] = [
      await costOfSteps(1, inOrder(0)),
      await costOfSteps(1, inOrder(1)),
      await costOfSteps(1, inOrder(10)),
    ];
    expect([one.rows_written - none.rows_written, one.round_trips - none.round_trips]).toEqual([1, 1]);
    expect([ten.rows_written - none.rows_written, ten.round_trips - none.round_trips]).toEqual([10, 10]);

    const beside = await costOfSteps(1, ({ step }) =>
      Promise.all(Array.from({ length: 10 }, () => step.do('same', () => 1))),
    );
    expect([beside.rows_written - none.rows_written, beside.round_trips - none.round_trips]).toEqual([10, 1]);
    const many = await costOfSteps(20, inOrder(10));
    report('task_of_ten_steps', per(many, 20));
    expect(many.round_trips).toBeLessThanOrEqual(15);
  });

  it('of GET /tasks/{id}: 1 row read', async () => {
    const { id } = await aTask({ state: 'SUCCESS' });
    const engine = await makeEngine([scripted]);
    engine.batches.splice(0);
    await findTaskWithWait(engine, id);
    const cost = costOf(engine, 0);
    report('get_task', cost);
    expect(cost.rows_read).toBe(1);
  });

  it('of a sweep with nothing to do: at most 10 rows read', async () => {
    for (const state of ['SUCCESS', 'FAILURE', 'REVOKED'] as const) for (let n = 0; n < 20; n++) await aTask({ state });
    const engine = await makeEngine([scripted]);
    await sweep(engine);
    engine.batches.splice(0);
    await sweep(engine);
    const cost = costOf(engine, 0);
    report('sweep_idle', cost);
    expect(cost.rows_read).toBeLessThanOrEqual(10);
  });

  it('of a page of any one filter: at most 3 rows read for each one shown, and for each one running', async () => {
    await fillTable(20_000);
    const engine = await makeEngine([scripted]);
    const limit = 50;
    let worst = 0;
    const filters = [
      {},
      { name: 'rare.name' },
      { name: 'often.name' },
      { tag: 'rare' },
      { workflowId: 'flow' },
      { since: 1_700_000_000_000 },
      { until: Date.now() },
      // The version that runs now: its tasks are the newest. Those of an earlier one are read up to (decision 50).
      { version: 'now' },
      ...(['high', 'default', 'low', 'email', 'files'] as const).map((queue) => ({ queue })),
      ...(['PENDING', 'STARTED', 'RETRY', 'WAITING', 'SUCCESS', 'FAILURE', 'REVOKED'] as const).map((state) => ({
        state,
      })),
    ];
    for (const filter of filters) {
      engine.batches.splice(0);
      const page = await listTasks(engine, filter, { limit, before: undefined });
      const { rows_read } = costOf(engine, 0);
      expect(page.length, JSON.stringify(filter)).toBe(limit);
      // What runs is found through leases, and is read besides, whole.
      const running =
        ('queue' in filter && filter.queue === 'low') || ('state' in filter && filter.state === 'STARTED') ? 60 : 0;
      expect(rows_read - 3 * running, JSON.stringify(filter)).toBeLessThanOrEqual(3 * limit + 10); // ten: each range costs one read to end
      worst = Math.max(worst, (rows_read - 3 * running) / limit);
    }
    engine.batches.splice(0);
    await overviewQueues(engine);
    // What waits, and what runs; nothing of the 20,000 that ended.
    expect(costOf(engine, 0).rows_read).toBeLessThan(500);
    report('list_row', { rows_read: worst, rows_written: 0, messages: 0, round_trips: 1 });
  });
});

/** Many tasks of every kind; the rare ones are the oldest, so that a scan from the newest would read everything. */
async function fillTable(count: number): Promise<void> {
  const insert = `
    INSERT INTO tasks (id, name, queue, state, input, tags, max_retries, created_at, due_at, wake_at, lease_id, started_at, finished_at, version)
    SELECT printf('018f0000-0000-7000-8000-%012d', value), ?3, ?4, ?5, '{}', ?6, 3, 0, 0, 0,
           CASE WHEN ?5 = 'STARTED' THEN 'lease' END, 0, CASE WHEN ?5 IN ('SUCCESS', 'FAILURE', 'REVOKED') THEN 0 END, '{"id":"now"}'
    FROM json_each(?1) WHERE ?2`;
  let next = 0;
  const range = (size: number) => JSON.stringify(Array.from({ length: size }, () => next++));
  const add = (size: number, name: string, queue: string, state: string, tags: string | null = null) =>
    env.DB.prepare(insert).bind(range(size), 1, name, queue, state, tags).run();
  for (const queue of ['high', 'low', 'email', 'files']) await add(60, 'rare.name', queue, 'SUCCESS');
  for (const state of ['PENDING', 'RETRY', 'WAITING', 'FAILURE', 'REVOKED']) await add(60, 'x.y', 'default', state);
  const started = JSON.stringify(
    Array.from({ length: 60 }, (_, n) => `018f0000-0000-7000-8000-${String(next + n).padStart(12, '0')}`),
  );
  await add(60, 'x.y', 'low', 'STARTED');
  await env.DB.prepare("INSERT INTO leases (id, queue, task_ids, until) VALUES (?1, 'low', ?2, 99999999999999)")
    .bind('lease', started)
    .run();
  await env.DB.prepare("INSERT INTO task_tags (tag, task_id) SELECT 'rare', value FROM json_each(?1)")
    .bind(started)
    .run();
  await env.DB.prepare("INSERT INTO workflow_tasks (workflow_id, task_id) SELECT 'flow', value FROM json_each(?1)")
    .bind(started)
    .run();
  for (let made = 0; made < count; made += 5000) await add(5000, 'often.name', 'default', 'SUCCESS');
}
